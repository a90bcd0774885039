import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "@playwright/test";
import { accessible, expect, leave, test } from "./page";
import { type Started, startService } from "./service";

// The reference for people: at /docs/ of the service, and as files that no server serves.

const results = resolve(import.meta.dirname, "results");
const binary = resolve(import.meta.dirname, "../../bin/zoomgraph");

let service: Started;
test.beforeAll(async () => {
  service = await startService();
});
test.afterAll(() => service.stop());

const box = (page: Page) => page.getByRole("combobox", { name: /^Search/ });
const found = (page: Page) => page.getByRole("option");

/** Waits until what an address names stands below the bar, in sight. */
async function inSight(page: Page, anchor: string): Promise<void> {
  const target = page.locator(`[id="${anchor}"]`);
  await expect(target).toBeInViewport();
  await expect.poll(async () => ((await target.boundingBox())?.y ?? -1) >= 40).toBe(true);
}

/** Searches by the keyboard alone. */
async function search(page: Page): Promise<void> {
  await page.keyboard.press("/");
  await expect(box(page)).toBeFocused();
  await page.keyboard.type("kind of licence"); // of descriptions, not of names
  await expect(found(page).first()).toBeVisible();
  await box(page).fill("user.email");
  await expect(found(page).first()).toContainText("User.email");
  await expect(found(page).first()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowDown");
  await expect(found(page).nth(1)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/schema\.html#User\.email$/);
  await expect(found(page)).toHaveCount(0);
  await inSight(page, "User.email");
  await box(page).fill("nothing has these words");
  await expect(page.getByText("Nothing has all these words.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(box(page)).toHaveValue("");
  await box(page).fill("GET /roles"); // of an operation
  await expect(found(page).first()).toContainText("Query.role");
}

test("from the console, by search, to an example that runs", async ({ page }) => {
  await page.goto(service.url);
  await page.getByRole("link", { name: "Reference" }).click();
  await expect(page).toHaveURL(`${service.url}/docs/`);
  await search(page);
  await page.goto(`${service.url}/docs/#Group.settings`); // leads on to the page that has it
  await expect(page).toHaveURL(/\/docs\/groups\.html#Group\.settings$/);
  await inSight(page, "Group.settings");
  await page.goto(`${service.url}/docs/#Nothing.here`);
  await expect(page.getByRole("status")).toHaveText("There is no Nothing.here in this version of the schema.");
  for (const anchor of ["Mutation.createGroup"]) {
    await page.goto(`${service.url}/docs/groups.html#${anchor}`);
    await page.locator(`[id="${anchor}"]`).getByRole("link", { name: "Open in GraphiQL" }).click();
    await expect(page.locator(".graphiql-query-editor .view-lines")).toBeVisible();
    const answered = page.waitForResponse((response) => response.url().endsWith("/graphql"));
    await page.getByRole("button", { name: /^Execute query/ }).click();
    const answer = await (await answered).json();
    expect(answer.errors).toBeUndefined();
    expect(Object.values(answer.data)[0]).not.toBeNull();
  }
  await leave(page);
});

test("GraphiQL’s docs lead to what they show", async ({ page, context }) => {
  await page.goto(`${service.url}/graphiql`);
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  const docs = page.locator(".graphiql-doc-explorer");
  const link = docs.getByRole("link", { name: /^Reference/ });
  await expect(docs).toContainText("Root Types");
  await expect(link).toHaveAttribute("href", "docs/");
  await docs.getByRole("link", { name: "Query", exact: true }).click();
  await expect(link).toHaveAttribute("href", "docs/#Query");
  await docs.getByRole("link", { name: "user", exact: true }).click();
  await expect(link).toHaveAttribute("href", "docs/#Query.user");
  await docs.getByRole("link", { name: "User", exact: true }).click();
  await docs.getByRole("link", { name: "settings", exact: true }).click();
  await expect(link).toHaveAttribute("href", "docs/#User.settings");
  await page.screenshot({ path: `${results}/reference-graphiql.png` });
  const opened = context.waitForEvent("page");
  await link.click();
  const tab = await opened;
  await expect(tab).toHaveURL(/\/docs\/schema\.html#User\.settings$/);
  await expect(tab.locator('[id="User.settings"]')).toBeInViewport();
  await tab.close();
  await page.getByRole("button", { name: "Hide Documentation Explorer" }).click();
  await expect(link).toHaveCount(0);
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  await expect(link).toHaveCount(1);
  await leave(page);
});

test("as files, without a server", async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "reference-"));
  try {
    execFileSync(binary, ["schema", "--docs", folder]);
    const outside: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith("file:")) outside.push(request.url());
    });
    await page.goto(pathToFileURL(join(folder, "index.html")).href);
    await expect(page.getByRole("link", { name: "GraphiQL" })).toHaveCount(0);
    await search(page);
    await page.goto(`${pathToFileURL(join(folder, "index.html")).href}#Mutation.createGroup`);
    await expect(page).toHaveURL(/groups\.html#Mutation\.createGroup$/);
    expect(outside).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

for (const theme of ["light", "dark"] as const) {
  test(`everybody can read it: ${theme}, on a desk and on a phone`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    for (const [name, width] of Object.entries({ desk: 1280, phone: 390 })) {
      await page.setViewportSize({ width, height: 844 });
      for (const file of ["", "operations.html", "roles.html#Mutation.updateRole", "tracking.html"]) {
        await page.goto(`${service.url}/docs/${file}`);
        if (file === "tracking.html") await accessible(page); // it takes long on large pages, which are made alike
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wide, `${file} at ${width}`).toBeLessThanOrEqual(0);
        await page.screenshot({
          path: `${results}/reference-${theme}-${name}-${file.replace(/\W+/g, "-") || "index"}.png`,
        });
      }
    }
    await page.setViewportSize({ width: 1280, height: 844 });
    await page.getByRole("button", { name: /light and dark/ }).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme === "dark" ? "light" : "dark");
    await leave(page);
  });
}

test("a service that does not tell its schema has no reference, and no link to it", async ({ page }) => {
  const quiet = await startService(["--introspection=off"]);
  try {
    const response = await fetch(`${quiet.url}/docs/`);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain("zoomgraph schema --docs");
    await page.goto(quiet.url);
    await expect(page.getByRole("link", { name: "GraphiQL" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Reference" })).toHaveCount(0);
    await leave(page);
  } finally {
    await quiet.stop();
  }
});
