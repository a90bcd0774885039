import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { accessible, expect, leave, test } from "./page";
import { type Started, startService } from "./service";

// Who may see and do what: keys of callers, typed once a session.

const keys = { reader: `zg_${"r".repeat(52)}`, editor: `zg_${"e".repeat(52)}` };

let service: Started;

test.beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), "zoomgraph-")), "config.yaml");
  const digest = (key: string) => createHash("sha256").update(key).digest("hex");
  writeFileSync(
    file,
    `callers:
  - {name: reader, key_sha256: "${digest(keys.reader)}", allow: [read]}
  - {name: editor, key_sha256: "${digest(keys.editor)}", allow: [read, write, secrets]}
`,
  );
  service = await startService(["--config", file]);
});

test.afterAll(async () => service?.stop());

// The browser writes an error for each answer of 401.
test.use({ expected: /401 \(Unauthorized\)/ });

const view = "?columns=inMeeting.waitingRoom,scheduleMeeting.pmiPassword&search=ada.lovelace&as=table";

async function enter(page: Page, key: string): Promise<void> {
  await page.getByLabel("Your key").fill(key);
  await page.getByRole("button", { name: "Enter" }).click();
}

test("nobody sees anything without a key, and a wrong one is told so", async ({ page }) => {
  await page.goto(service.url + view);
  await expect(page.getByText("This service answers only callers whom it knows.")).toBeVisible();
  await accessible(page);
  await enter(page, `zg_${"x".repeat(52)}`);
  await expect(page.getByRole("alert")).toContainText("This key is not known here");
  await expect(page.locator(".desk")).toHaveCount(0);
});

test("who may only read sees that plainly", async ({ page, context }) => {
  await page.goto(service.url + view);
  await enter(page, keys.reader);
  await expect(page.locator(".viewer")).toContainText("reader");
  await expect(page.locator(".lacks")).toHaveText("read only, no secrets");
  await expect(page.locator(".live")).toContainText("live"); // the socket has the key, too
  const row = page.locator(".table tbody tr").first();
  await expect(row.locator("td").nth(1)).toHaveText(/^(on|off)$/);
  await expect(row.locator("td").nth(2)).toHaveText("withheld");
  await page.getByRole("button", { name: "waiting_room", exact: true }).click();
  await expect(page.getByText("Change for many")).toHaveCount(0);
  await page.getByRole("button", { name: "Ada Lovelace" }).click();
  await page.locator(".effective").getByRole("button", { name: "waiting_room" }).click();
  await expect(page.locator(".note")).toContainText("lacks the permission “write”");
  await expect(page.locator(".edit")).toHaveCount(0);
  await accessible(page);

  // The key lasts for the tab's session, and stands nowhere else.
  await page.reload();
  await expect(page.locator(".viewer")).toContainText("reader");
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }) + document.cookie)).not.toContain("zg_");
  expect(page.url()).not.toContain("zg_");
  const other = await context.newPage();
  await other.goto(service.url);
  await expect(other.getByLabel("Your key")).toBeVisible();
  await other.close();
  await page.getByRole("button", { name: "Leave" }).click();
  await expect(page.getByLabel("Your key")).toBeVisible();
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
});

test("who may write and see secrets does", async ({ page }) => {
  await page.goto(service.url + view);
  await enter(page, keys.editor);
  await expect(page.locator(".viewer")).toContainText("editor");
  await expect(page.locator(".lacks")).toHaveCount(0);
  await expect(page.locator(".table tbody tr").first().locator("td").nth(2)).not.toHaveText(/withheld|loading|asked/);
  await page.getByRole("button", { name: "Ada Lovelace" }).click();
  await page.locator(".effective").getByRole("button", { name: "waiting_room" }).click();
  await expect(page.locator(".edit")).toBeVisible();
});

test("where only listed documents are answered, the dashboard says that it cannot ask", async ({ page }) => {
  const query = "{ viewer { name } }";
  const file = join(mkdtempSync(join(tmpdir(), "zoomgraph-")), "documents.json");
  writeFileSync(file, JSON.stringify({ [createHash("sha256").update(query).digest("hex")]: query }));
  const strict = await startService(["--documents", file, "--documents-only"]);
  try {
    await page.goto(strict.url);
    await expect(page.getByRole("alert")).toContainText("--documents-only");
  } finally {
    await leave(page, strict);
  }
});
