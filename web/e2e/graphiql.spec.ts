import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Page } from "@playwright/test";
import { accessible, expect, leave, test } from "./page";
import { type Started, startService } from "./service";

// GraphiQL at /graphiql, as a person uses it.

const results = resolve(import.meta.dirname, "results");
const binary = resolve(import.meta.dirname, "../../bin/zoomgraph");
const person = "ada.lovelace@example.com"; // an embedded Zoom's first user

test.use({ trace: { mode: "retain-on-failure", snapshots: false } }); // the editor's page is slow to copy at each step

let service: Started;
test.beforeAll(async () => {
  service = await startService();
});
test.afterAll(() => service.stop());

/** Opens GraphiQL and waits until its editor is there. */
async function open(page: Page, search = "", url = service.url): Promise<void> {
  await page.goto(`${url}/graphiql${search}`);
  await expect(page.locator(".graphiql-query-editor .view-lines")).toBeVisible();
}

const linkTo = (query: string, variables = "") => `?${new URLSearchParams({ query, variables })}`;

interface Answer {
  data?: Record<string, unknown>;
  errors?: unknown;
  extensions?: { zoom: { calls?: { operation: string }[] } };
}

/** Runs what is in the editor and reads the answer; of a long one the page draws only what is seen. */
async function ask(page: Page, query?: string): Promise<Answer> {
  if (query) {
    await page.locator(".graphiql-query-editor .view-lines").click();
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.insertText(query);
  }
  const answered = page.waitForResponse((response) => response.url().endsWith("/graphql"));
  await run(page);
  return (await answered).json();
}

const run = (page: Page) => page.getByRole("button", { name: /^Execute query/ }).click();
const answer = (page: Page) => page.getByRole("region", { name: "Result Window" });
const panel = (page: Page) => page.getByRole("region", { name: "Calls to Zoom" });
const rows = (page: Page, kind: string) => panel(page).locator(`tr[data-kind="${kind}"]`);

/** Changes a setting as somebody else does. */
async function change(on: boolean, url = service.url, headers: Record<string, string> = {}): Promise<void> {
  const query = `mutation { updateUserSettings(id: "${person}", input: {scheduleMeeting: {hostVideo: ${on}}}) { notApplied { field } } }`;
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ query }),
  });
  expect(await response.json()).not.toHaveProperty("errors");
}

const settings = `query Settings($id: ID!) {
  user(id: $id) {
    jobTitle
    a: settings { scheduleMeeting { hostVideo } }
    b: settings { inMeeting { chat } meetingSecurity { encryptionType } }
  }
}`;
const someone = JSON.stringify({ id: "grace.hopper@example.com" });

test("a link opens with its question, and the waterfall shows what the answer cost", async ({ page }) => {
  await open(page, linkTo(settings, someone));
  await expect(page.locator(".graphiql-editor-tools")).toContainText("Variables");
  await expect(panel(page)).toContainText("Run an operation");
  const calls = (await ask(page)).extensions?.zoom.calls;
  await expect(answer(page)).toContainText("jobTitle");
  expect(calls?.map((call) => call.operation).sort()).toEqual(["user", "userSettings", "userSettings"]);
  await expect(rows(page, "CALL")).toHaveCount(3);
  await expect(panel(page).locator(".total")).toHaveText("3 calls0 cached1 coalescedwaited 0 msLIGHT 1MEDIUM 2");
  const merged = panel(page).getByRole("row", { name: /chat, host_video/ });
  await expect(merged).toContainText("user.a, user.b"); // also without a mouse
  await merged.hover();
  await expect(panel(page).locator(".detail")).toContainText("fields: chat, host_video");
  await expect(panel(page).locator(".detail")).toContainText("caused by: user.");
  await run(page);
  await expect(rows(page, "CACHED")).toHaveCount(4);
  await expect(rows(page, "CALL")).toHaveCount(0);
  await expect(panel(page).locator(".total")).toContainText("0 calls4 cached");
  await panel(page).getByRole("button", { name: "Calls" }).click();
  await expect(panel(page).getByRole("table")).toBeHidden();
});

test("a link chooses among operations, the price is told without running anything, and names are completed", async ({
  page,
}) => {
  const query = `query Small { user(id: "${person}") { jobTitle } }\nquery Dear { users(first: 1000) { nodes { jobTitle settings { tsp { callOut } } } } }`;
  await open(page, `${linkTo(query)}&operationName=Dear`);
  await page.getByRole("button", { name: /^What would it cost/ }).click();
  await expect(panel(page)).toContainText("At most 2004 calls");
  await expect(panel(page)).toContainText("more than the 1000");
  await expect(panel(page)).toContainText("LIGHT 1000");
  await expect(panel(page).locator(".total")).toHaveText("priced, not run");

  await page.locator(".graphiql-query-editor .view-lines").click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText('{ user(id: "x") { settings { inMeeting { waiti');
  await expect(async () => {
    await page.keyboard.press("Control+Space"); // again, until the workers have come
    await expect(page.locator(".suggest-widget")).toContainText("waitingRoom", { timeout: 1000 });
  }).toPass({ timeout: 45_000 });
});

test("the examples of a first visit run, and the address follows", async ({ page }) => {
  let come = () => {};
  const late = new Promise<void>((resolve) => {
    come = resolve;
  });
  await page.route(/assets\/Editor-.*\.js/, async (route) => {
    await late;
    await route.continue();
  });
  await page.goto(`${service.url}/graphiql`);
  await expect(page.getByLabel("Subscriptions")).toBeVisible(); // the page stands before its large part has come
  await expect(page.locator(".graphiql-container")).toHaveCount(0);
  come();
  await expect(page.locator(".graphiql-query-editor .view-lines")).toBeVisible();
  await expect(page.getByRole("button", { name: "Show GraphiQL Explorer" })).toBeVisible();
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  await expect(page.locator(".graphiql-doc-explorer")).toContainText("Root Types");
  await page.screenshot({ path: `${results}/graphiql-docs.png` });
  await page.getByRole("button", { name: "Hide Documentation Explorer" }).click();
  const examples = ["Settings", "People", "Policy", "Change", "Budget"];
  const costs: Record<string, number> = {};
  for (const name of examples) {
    await page.getByRole("button", { name, exact: true }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get("operationName")).toBe(name);
    const { data, errors, extensions } = await ask(page);
    expect(errors, name).toBeUndefined();
    expect(data, name).toBeTruthy();
    costs[name] = extensions?.zoom.calls?.length ?? 0;
    await expect(rows(page, "CALL")).toHaveCount(costs[name]);
  }
  expect(costs).toMatchObject({ Settings: 3, Change: 2, Budget: 0 });
  await expect(panel(page)).toContainText("Zoom was not touched");
  await page.getByRole("button", { name: "People", exact: true }).click();
  await expect(rows(page, "CALL").first()).toBeVisible(); // each tab has its own
  expect(new URL(page.url()).searchParams.get("query")).toContain("query People");
  await page.screenshot({ path: `${results}/graphiql-1280x800.png` });
  await accessible(page);
  await page.getByRole("button", { name: "Use the dark theme" }).click();
  await expect(page.locator("body")).toHaveClass(/graphiql-dark/);
  await page.screenshot({ path: `${results}/graphiql-dark.png` });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: `${results}/graphiql-390x844.png` });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

test("subscriptions see what others change, by a WebSocket and by server-sent events", async ({ page }) => {
  await open(
    page,
    linkTo("subscription Watch { userSettingsChanged { fields user { settings { scheduleMeeting { hostVideo } } } } }"),
  );
  for (const transport of ["ws", "sse"]) {
    await page.getByLabel("Subscriptions").selectOption(transport);
    const opened =
      transport === "ws"
        ? page.waitForEvent("websocket", (socket) => socket.url().endsWith("/graphql"))
        : page.waitForRequest((request) => request.headers().accept === "text/event-stream");
    await run(page);
    await opened;
    await expect(panel(page)).toContainText("Waiting for the first change");
    await expect(async () => {
      await change(true); // again, until the subscription has begun
      await expect(answer(page)).toContainText('"hostVideo": true', { timeout: 300 });
    }).toPass({ timeout: 45_000 });
    await change(false);
    await expect(answer(page)).toContainText('"hostVideo": false');
    await expect(panel(page).locator(".marker").nth(1)).toContainText("change 2");
    await expect(
      panel(page)
        .getByRole("row", { name: /userSettingsChanged\.user\.settings/ })
        .first(),
    ).toBeVisible();
    await page.screenshot({ path: `${results}/graphiql-${transport}.png` });
    await page.getByRole("button", { name: /^Stop query/ }).click();
    await expect(page.getByRole("button", { name: /^Execute query/ })).toBeVisible();
  }
  await change(true);
  expect((await ask(page, "query { a: rateLimit { label } }")).errors).toBeUndefined(); // as long as a change would take
  await expect(answer(page)).not.toContainText('"hostVideo": true');
});

test("headers are sent, and kept nowhere", async ({ page }) => {
  const seen: string[] = [];
  page.on("request", (request) => seen.push(request.headers()["x-canary"] ?? ""));
  await open(page, linkTo("query Known { rateLimit { label } }"));
  await page.getByRole("button", { name: "Headers" }).click();
  await page.locator(".graphiql-editor-tool .graphiql-editor:not(.hidden)").click();
  await page.keyboard.insertText('{"X-Canary": "swordfish"}');
  await run(page);
  await expect(answer(page)).toContainText("rateLimit");
  expect(seen).toContain("swordfish");
  await page.getByRole("button", { name: "Show History" }).click();
  await expect(page.locator(".graphiql-history")).toContainText("Known");
  const kept = () => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]));
  await expect.poll(kept).toContain("graphiql:tabState"); // it is written a moment later
  expect(await kept()).toContain("graphiql:queries");
  expect(await kept()).not.toMatch(/swordfish|canary/i);
  await page.reload();
  await expect(page.locator(".graphiql-query-editor .view-lines")).toContainText("query Known");
  await expect(page.locator(".graphiql-editor-tool")).not.toContainText("swordfish");
});

test.describe("where callers are configured", () => {
  test.use({ expected: /401 \(Unauthorized\)/ }); // of the wrong key

  test("a key is asked for once a session, and docs are off", async ({ page }) => {
    const dir = mkdtempSync(join(tmpdir(), "graphiql-"));
    const printed = execFileSync(binary, ["caller", "new", "dashboard", "--allow", "read,write"], { encoding: "utf8" });
    const key = /^# {3}(\S+)$/m.exec(printed)?.[1] ?? "";
    writeFileSync(join(dir, "zoomgraph.yaml"), printed);
    const closed = await startService(["--config", join(dir, "zoomgraph.yaml")]);
    try {
      const query = `query Q { viewer { name } user(id: "${person}") { jobTitle } }`;
      await open(page, linkTo(query), closed.url);
      const dialog = page.getByRole("dialog", { name: "Who asks?" });
      await expect(dialog).toBeVisible();
      await accessible(page);
      await dialog.getByLabel("Key").fill(`${key}x`);
      await dialog.getByRole("button", { name: "Use this key" }).click();
      await expect(dialog).toContainText("does not know who asks");
      await dialog.getByLabel("Key").fill(key);
      await page.screenshot({ path: `${results}/graphiql-key.png` });
      await dialog.getByRole("button", { name: "Use this key" }).click();
      await expect(dialog).toBeHidden();
      await expect(page.getByRole("banner")).toContainText("dashboard · may not: secrets");
      await expect(page.getByRole("note")).toContainText("Docs and completion are off");
      await run(page);
      await expect(answer(page)).toContainText("Team Lead");
      await expect(rows(page, "CALL")).toHaveCount(1);
      await page.reload();
      await expect(page.getByRole("banner")).toContainText("dashboard");
      await expect(dialog).toBeHidden(); // once a session
      expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain(key);
      await expect(page.locator(".graphiql-query-editor .view-lines")).toBeVisible();

      await page
        .getByRole("button", { name: "Add tab" })
        .or(page.getByRole("button", { name: "New tab" }))
        .click();
      await page.locator(".graphiql-query-editor").click();
      await page.keyboard.insertText("subscription { userSettingsChanged { fields } }");
      await run(page);
      await expect(async () => {
        await change(true, closed.url, { Authorization: `Bearer ${key}` });
        await expect(answer(page)).toContainText("host_video", { timeout: 500 });
      }).toPass({ timeout: 45_000 }); // the socket says whose it is
    } finally {
      await leave(page, closed);
      rmSync(dir, { recursive: true });
    }
  });
});
