import type { Page } from "@playwright/test";
import { clickRows, expectTrue, model, painted, type RowShown, record } from "./heatmap";
import { expect, test } from "./page";
import { change, configure, credentials, type Started, startService, startZoom } from "./service";

// What the canvas shows is what the page's model has, after every action that can change either, and a click on a row
// opens the very person who is painted there.

const columns = ["scheduleMeeting.hostVideo", "inMeeting.chat", "inMeeting.waitingRoom", "scheduleMeeting.audioType"];

let zoom: Started;
let service: Started;

test.beforeAll(async () => {
  zoom = await startZoom(["--users", "90"]);
  service = await startService(["--zoom-rate", "off"], credentials(zoom));
});

test.afterAll(async () => {
  await service?.stop();
  await zoom?.stop();
});

async function open(page: Page, view: Record<string, string> = {}): Promise<void> {
  await record(page);
  await page.goto(`${service.url}/?${new URLSearchParams({ columns: columns.join(), ...view })}`);
  await expect(page.locator(".progress .state")).toContainText("90 people ·");
  await expectTrue(page, "loading");
}

/** Does something, and looks at what is painted then. */
async function after(page: Page, what: string, act: () => Promise<unknown>) {
  const before = await painted(page);
  await act();
  const seen = await expectTrue(page, what);
  return { before: before.rows.map(({ email }) => email), now: seen.rows.map(({ email }) => email), seen };
}

const order = (page: Page) => page.getByLabel("Order", { exact: true });
const reverse = (page: Page) => page.getByRole("button", { name: /^(Ascending|Descending); change/ }).click();

test("every order, and its reversal", async ({ page }) => {
  const policy = JSON.stringify({ "inMeeting.chat": true, "inMeeting.waitingRoom": true });
  await open(page, { policy });
  for (const by of ["name", "deviations", ...columns, "zoom"]) {
    const { before, now } = await after(page, `order by ${by}`, () => order(page).selectOption(by));
    expect(now, `${by} changes what is painted`).not.toEqual(before);
    const reversed = await after(page, `${by}, reversed`, () => reverse(page));
    expect(reversed.now, `${by}, reversed`).not.toEqual(now);
    await clickRows(page, (rows) => [rows[0], rows[5]]);
    await after(page, `${by}, and back`, () => reverse(page));
    await page.keyboard.press("Escape");
  }
});

test("pins and policies, by key, panel and dialog", async ({ page }) => {
  await open(page);
  await page.locator(".scroller").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  const pin = await after(page, "p", () => page.keyboard.press("p"));
  expect(pin.seen.columns.map(({ pinned }) => pinned)).toEqual([false, true, false, false]);
  expect(pin.seen.rows.some(({ deviations }) => deviations > 0)).toBe(true);
  const unpin = await after(page, "p again", () => page.keyboard.press("p"));
  expect(unpin.seen.rows.every(({ deviations }) => deviations === 0)).toBe(true);

  await after(page, "the policy's dialog is opened", () => page.getByRole("button", { name: /^Policy/ }).click());
  await page.getByRole("button", { name: "What most have" }).click();
  const used = await after(page, "Use policy", () => page.getByRole("button", { name: "Use policy" }).click());
  expect(used.seen.columns.every(({ pinned }) => pinned)).toBe(true);
  await after(page, "Deviating only", () => page.getByRole("button", { name: "Deviating only" }).click());
  await clickRows(page, (rows) => rows.slice(0, 3));
  await after(page, "everybody again", () => page.getByRole("button", { name: "Deviating only" }).click());
  await page.keyboard.press("Escape");

  const row = (await painted(page)).rows[3];
  await clickRows(page, () => [row]);
  const as = await after(page, "Use as policy", () => page.getByRole("button", { name: "Use as policy" }).click());
  expect(as.seen.rows.find(({ email }) => email === row?.email)?.deviations).toBe(0);
  await page.getByRole("button", { name: /^Policy/ }).click();
  await page.getByLabel("As JSON").fill("");
  const none = await after(page, "No policy", () => page.getByRole("button", { name: "No policy" }).click());
  expect(none.seen.columns.some(({ pinned }) => pinned)).toBe(false);

  await page.locator(".effective").getByRole("button", { name: "waiting_room", exact: true }).click();
  await after(page, "Pin as policy", () => page.getByRole("button", { name: /^Pin “/ }).click());
  await after(page, "Take out of policy", () => page.getByRole("button", { name: "Take out of policy" }).click());
  await page.locator(".panel h3 button").click();
  await page.getByLabel("Value of the policy").selectOption("true");
  await after(page, "Set as policy", () => page.getByRole("button", { name: "Set as policy" }).click());
  await after(page, "Remove", () => page.getByRole("button", { name: "Remove", exact: true }).click());
});

test("filters, facets, search and status", async ({ page }) => {
  await open(page);
  const engineering = page.getByRole("group", { name: "Group" }).getByLabel("Engineering");
  const facet = await after(page, "a facet", () => engineering.check());
  expect(facet.now).not.toEqual(facet.before);
  await after(page, "a second facet", () =>
    page.getByRole("group", { name: "Department" }).getByRole("checkbox").first().check(),
  );
  await after(page, "Clear filters", () => page.getByRole("button", { name: "Clear filters" }).click());
  const search = page.getByLabel("Search people");
  const found = await after(page, "search", () => search.fill("hopper"));
  expect(found.seen.rows.every(({ name }) => name.includes("Hopper"))).toBe(true);
  await clickRows(page, (rows) => rows.slice(0, 2));
  await page.keyboard.press("Escape");
  await after(page, "another search", () => search.fill("ada"));
  await after(page, "no search", () => search.fill(""));
  await page.getByLabel("inactive").check();
  await expect(page.locator(".progress .state")).toContainText(/\d\d people ·/);
  await after(page, "another status", async () => {});
  await after(page, "back to one status", () => page.getByLabel("inactive").uncheck());
});

test("columns added, removed and put in another order", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: /^Columns/ }).click();
  await page.getByLabel("Search settings").fill("file_transfer");
  await page.getByRole("group", { name: "Settings" }).getByRole("checkbox").first().check();
  await page.getByRole("button", { name: "Show 5 columns" }).click();
  await expect(page.locator(".progress .state")).toContainText("90 people ·");
  const added = await after(page, "a column is added", async () => {});
  expect(added.seen.columns).toHaveLength(5);
  await page.goto(page.url().replace(/columns=[^&]*/, `columns=${[...columns].reverse().join()}`));
  await expect(page.locator(".progress .state")).toContainText("90 people ·");
  const other = await after(page, "another order of columns", async () => {});
  expect(other.seen.columns.map(({ name }) => name)).toEqual(["audio_type", "waiting_room", "chat", "host_video"]);
  const { x } = other.seen.columns[2] ?? { x: 0 };
  const box = await page.locator(".scroller").boundingBox();
  await page.mouse.click((box?.x ?? 0) + x, (box?.y ?? 0) + 36);
  await expect(page.locator(".panel h2")).toHaveText("chat");
  await after(page, "Remove column", () => page.getByRole("button", { name: "Remove column" }).click());
  await after(page, "the column is back", () => page.goBack());
});

test("changes from here, for many, and from another window", async ({ page, context }) => {
  await open(page, { search: "ada" });
  const [first] = (await painted(page)).rows;
  const was = first?.cells[2]?.text;
  await page.locator(".scroller").focus();
  for (const key of ["Home", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
  await after(page, "e", () => page.keyboard.press("e"));
  await expect(page.getByLabel("Change to", { exact: true })).toBeFocused();
  const target = was === "on" ? "false" : "true";
  const edited = await after(page, "an edit", async () => {
    await page.getByLabel("Change to", { exact: true }).selectOption(target);
    await page.getByRole("button", { name: "Change", exact: true }).click();
    await expect(page.locator(".edit [role=status]")).toHaveText("Changed; Zoom has stored it.");
  });
  expect(edited.seen.rows[0]?.cells[2]?.text).toBe(was === "on" ? "off" : "on");

  await page.locator(".panel h3 button").click();
  await page.locator(".panel h2 button, .panel h2").first().waitFor();
  await page.goto(`${page.url().replace(/&person=[^&]*/, "")}`);
  await expect(page.locator(".progress .state")).toContainText("people ·");
  for (const value of ["true", "false"]) {
    await page.getByLabel("Value for many").selectOption(value);
    await page.getByRole("button", { name: /^Change for \d+ …$/ }).click();
    await after(page, "a change of many is asked", async () => {});
    await page.getByRole("button", { name: /^Change \d+ (people|person)$/ }).click();
    await expect(page.getByRole("dialog")).toContainText(/(\d+) of \1 done/);
    const bulk = await after(page, "a change for many", () =>
      page.getByRole("dialog").getByRole("button", { name: "Close" }).click(),
    );
    expect(new Set(bulk.seen.rows.map(({ cells }) => cells[2]?.text))).toEqual(
      new Set([value === "true" ? "on" : "off"]),
    );
  }
  await page.keyboard.press("Escape");

  await expect(page.locator(".live")).toContainText("live");
  const other = await context.newPage();
  await record(other);
  await other.goto(page.url());
  const email = (await model(page)).rows[1]?.email ?? "";
  await change(service, email, { inMeeting: { waitingRoom: true } });
  for (const window of [page, other]) {
    await window.bringToFront();
    await expect.poll(async () => (await painted(window)).rows[1]?.cells[2]?.text).toBe("on");
    await expectTrue(window, "a change from elsewhere");
  }
  await other.close();
});

test("theme, size, zoom, scrolling, panels, history and reloading", async ({ page }) => {
  await open(page, { policy: JSON.stringify({ "inMeeting.chat": true }) });
  await after(page, "the other theme", () => page.getByRole("button", { name: /^(Dark|Light)$/ }).click());
  await after(page, "and back", () => page.getByRole("button", { name: /^(Dark|Light)$/ }).click());
  await page.emulateMedia({ colorScheme: "dark" });
  await after(page, "the system's theme", async () => {});
  for (const [width, height] of [
    [1600, 1000],
    [900, 600],
    [1280, 800],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.waitForFunction(() => {
      const canvas = document.querySelector(".surface canvas");
      return canvas?.clientHeight === document.querySelector(".scroller")?.clientHeight;
    });
    await after(page, `${width} × ${height}`, async () => {});
  }
  for (const top of [500, 17, 1e6, 0, 700]) {
    await after(page, `scrolling to ${top}`, () =>
      page.locator(".scroller").evaluate((of, y) => of.scrollTo(0, y), top),
    );
  }
  await clickRows(page, (rows) => [rows[2], rows[7]]);
  await after(page, "a panel", async () => {});
  await after(page, "the panel is closed", () => page.keyboard.press("Escape"));
  await after(page, "back", () => page.goBack());
  await after(page, "back once more", () => page.goBack());
  await after(page, "forward", () => page.goForward());
  await page.keyboard.press("Escape");
  await after(page, "the order by name", () => order(page).selectOption("name"));
  await after(page, "the table", async () => {
    await page.getByRole("button", { name: "Table", exact: true }).click();
    await page.getByRole("button", { name: "Table", exact: true }).click();
  });
  await page.getByRole("button", { name: "Reload" }).click();
  await expect(page.locator(".progress .state")).toContainText("90 people ·");
  await after(page, "Reload", async () => {});
  await page.reload();
  await expect(page.locator(".progress .state")).toContainText("90 people ·");
  await after(page, "a reload of the page", async () => {});
});

test("while cells come in, and when that is cancelled", async ({ page }) => {
  const slow = await startZoom(["--users", "90", "--latency", "500ms"]); // four at a time: all take over 11 s
  const own = await startService(["--zoom-rate", "off", "--zoom-max-in-flight", "4"], credentials(slow));
  try {
    await record(page);
    await page.goto(`${own.url}/?${new URLSearchParams({ columns: columns.join() })}`);
    const isFull = ({ cells }: RowShown) => cells.length > 0 && cells.every(({ text }) => text !== "");
    await expect.poll(async () => (await painted(page)).rows.some(isFull), { timeout: 60_000 }).toBe(true);
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.locator(".progress .state")).toContainText("Cancelled");
    await expectTrue(page, "Cancel");
    await configure(slow, {});
    await page.getByRole("button", { name: "Go on" }).click();
    await expect(page.locator(".progress .state")).toContainText("90 people ·");
    await expectTrue(page, "Go on");
  } finally {
    await page.goto("about:blank");
    await own.stop();
    await slow.stop();
  }
});
