import { mkdirSync, readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { accessible, expect, leave, test } from "./page";
import { callsSince, change, credentials, lastCall, type Started, startService, startZoom } from "./service";

// The dashboard in a real browser, on a Zoom of 500 people that answers after 50 ms and refuses more than 60 calls a
// second, as a real account does.

const shots = new URL("./results/", import.meta.url).pathname;
mkdirSync(shots, { recursive: true });

const catalogue: { id: string; view?: string }[] = JSON.parse(
  readFileSync(new URL("../src/gql/catalogue.json", import.meta.url), "utf8"),
);

let zoom: Started;
let service: Started;

test.beforeAll(async () => {
  zoom = await startZoom(["--users", "500", "--rps", "medium=60", "--latency", "50ms"]);
  const options = ["--zoom-rate", "medium=60", "--zoom-share", "1", "--cache-ttl", "10m"];
  service = await startService(options, credentials(zoom));
});

test.afterAll(async () => {
  await service?.stop();
  await zoom?.stop();
});

/** Waits until all people and cells are there. */
async function loaded(page: Page, people = 500): Promise<void> {
  await expect(page.locator(".progress .state")).toContainText(`${people} people ·`, { timeout: 60_000 });
}

/** The value of a cell as the table has it. */
async function cellOf(page: Page, person: string, column: string): Promise<string> {
  const headers = await page.locator(".table thead th").allTextContents();
  const row = page.locator(".table tbody tr", { has: page.getByRole("button", { name: person, exact: true }) });
  const cells = await row.locator("th, td").allTextContents();
  return cells[headers.indexOf(column)] ?? `no column ${column} in ${headers}`;
}

test("500 people load under the account's limit, with nothing failed and nothing refused", async ({ page }) => {
  const before = await lastCall(zoom);
  await page.goto(service.url);
  // People are there long before their settings.
  await expect(page.locator(".found")).toHaveText("500 people");
  await expect(page.locator(".progress .state")).toContainText("calls/s");
  await expect(page.locator(".budget")).toContainText("waiting");
  await loaded(page);
  await expect(page.locator(".progress .state")).toContainText("0 limited");
  await expect(page.locator(".notice")).toHaveCount(0);
  const calls = await callsSince(zoom, before);
  expect(calls.filter((call) => call.status === 429).length).toBeLessThanOrEqual(2);
  expect(calls.filter((call) => call.path.endsWith("/settings")).length).toBe(500);
  expect(calls.filter((call) => call.status >= 400 && call.status !== 429)).toEqual([]);
  await accessible(page);
  await page.screenshot({ path: `${shots}dashboard-1280.png` });

  // All of it again costs no call: the service knows it.
  await page.reload();
  await loaded(page);
  expect(await lastCall(zoom)).toBe(before + calls.length);
});

test("filters, search and order are in the address, and a link opens the same view", async ({ page, context }) => {
  await page.goto(service.url);
  await loaded(page);
  await page.getByRole("group", { name: "Group" }).getByLabel("Engineering").check();
  await page.getByRole("group", { name: "Department" }).getByLabel("Finance").check();
  await page.getByLabel("Search people").fill("a");
  await page.getByLabel("Order", { exact: true }).selectOption("name");
  await page.getByRole("button", { name: "Table", exact: true }).click();
  const found = await page.locator(".found").textContent();
  expect(found).toMatch(/^\d{1,2} of 500 people$/);
  const names = await page.locator(".table tbody th").allTextContents();
  expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b)));
  await accessible(page);

  const other = await context.newPage();
  await other.goto(page.url());
  await expect(other.locator(".found")).toHaveText(found ?? "");
  await expect(other.locator(".table tbody th")).toHaveText(names);
  await other.close();
});

test("columns are chosen by search, and cost one call a person for that name only", async ({ page }) => {
  await page.goto(`${service.url}/?columns=inMeeting.chat&search=ada.lovelace`);
  await loaded(page);
  const before = await lastCall(zoom);
  await page.getByRole("button", { name: /^Columns/ }).click();
  await page.getByLabel("Search settings").fill("annotation");
  await accessible(page);
  await page.getByRole("group", { name: "Settings" }).getByRole("checkbox").first().check();
  await page.getByRole("button", { name: "Show 2 columns" }).click();
  await expect(page).toHaveURL(/columns=inMeeting\.\w+,\w+\.\w+/);
  await expect(page.locator(".progress .state")).toContainText("calls/s");
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.locator(".progress .state")).toContainText("Cancelled at");
  const asked = (await callsSince(zoom, before)).filter((call) => call.path.endsWith("/settings"));
  expect(asked.length).toBeGreaterThan(0);
  for (const call of asked) expect(call.query).toMatch(/^custom_query_fields=\w+$/);
  await page.getByRole("button", { name: "Go on" }).click();
  await loaded(page);
});

test("a policy marks who deviates; a change is seen live in a second window", async ({ page, context }) => {
  const view = "?columns=inMeeting.chat,inMeeting.waitingRoom,scheduleMeeting.hostVideo&search=example.com&as=table";
  await page.goto(service.url + view);
  await loaded(page);
  const other = await context.newPage();
  await other.goto(service.url + view);
  await loaded(other);
  await expect(other.locator(".live")).toContainText("live");

  // Pin what Ada has as policy.
  await page.getByRole("button", { name: "waiting_room", exact: true }).click();
  await expect(page.locator(".bars table").first()).toContainText("off");
  await page.getByLabel("Value of the policy").selectOption("true");
  await page.getByRole("button", { name: "Set as policy" }).click();
  await expect(page).toHaveURL(/policy=/);
  const deviating = Number(/(\d+) people deviate/.exec((await page.locator(".panel").textContent()) ?? "")?.[1]);
  expect(deviating).toBeGreaterThan(1);
  await page.getByRole("button", { name: "Deviating only" }).click();
  await expect(page.locator(".found")).toHaveText(`${deviating} of 500 people`);
  await accessible(page);

  // Change it for one, and look at it in the other window.
  const person = (await page.locator(".table tbody th").first().textContent()) ?? "";
  expect(await cellOf(other, person, "waiting_room")).toBe("off");
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: person, exact: true }).click();
  await expect(page.locator(".effective")).toContainText(/from the|own|default/);
  await page.locator(".effective").getByRole("button", { name: "waiting_room", exact: true }).click();
  await page.getByLabel("Change to", { exact: true }).selectOption("true");
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await expect(page.locator(".edit [role=status]")).toHaveText("Changed; Zoom has stored it.");
  await expect.poll(() => cellOf(other, person, "waiting_room")).toBe("on");
  await other.close();
});

test("a change for many names its price, and is made", async ({ page }) => {
  await page.goto(`${service.url}/?columns=inMeeting.fileTransfer&search=hopper&setting=inMeeting.fileTransfer`);
  await loaded(page);
  const people = Number(/^(\d+) of/.exec((await page.locator(".found").textContent()) ?? "")?.[1]);
  expect(people).toBeGreaterThan(1);
  const on = page.locator(".bars tbody tr", { has: page.getByRole("rowheader", { name: "on", exact: true }) }).first();
  const already = (await on.count()) > 0 ? Number(await on.locator("td").textContent()) : 0;
  await page.getByLabel("Value for many").selectOption("true");
  await page.getByRole("button", { name: `Change for ${people - already} …` }).click();
  const n = people - already;
  await expect(page.getByRole("dialog")).toContainText(
    new RegExp(
      `Change in_meeting.file_transfer for ${n} (people|person): ${n} writes? and ${n} reads?, about \\d+ s of this account’s budget`,
    ),
  );
  await accessible(page);
  const before = await lastCall(zoom);
  await page.getByRole("button", { name: /^Change \d+ (people|person)$/ }).click();
  await expect(page.getByRole("dialog")).toContainText(`${n} of ${n} done`);
  const calls = await callsSince(zoom, before);
  expect(calls.filter((call) => call.method === "PATCH").length).toBe(n);
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await expect(page.locator(".bars tbody").first()).toContainText("on");
});

test("everything works by keys", async ({ page }) => {
  await page.goto(`${service.url}/?columns=inMeeting.chat,inMeeting.waitingRoom`);
  await loaded(page);
  await page.keyboard.press("/");
  await expect(page.getByLabel("Search people")).toBeFocused();
  await page.keyboard.type("Ada Lovelace");
  await page.keyboard.press("Escape");
  await page.locator(".scroller").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowRight");
  await expect(page.locator(".heatmap [aria-live]")).toContainText("Ada Lovelace, in_meeting.waiting_room:");
  await page.keyboard.press("p");
  await expect(page).toHaveURL(/policy=/);
  await page.keyboard.press("e");
  await expect(page.getByLabel("Change to", { exact: true })).toBeFocused();
  await expect(page.locator(".panel h2")).toHaveText("Ada Lovelace");
  await page.keyboard.press("Escape");
  await expect(page.locator(".panel")).toHaveCount(0);
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toContainText("pin the cell’s value as policy");
  await accessible(page);
});

test("a panel moves nothing, gives the focus back, and is gone back from", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`${service.url}/?search=grace.hopper@`);
  await loaded(page);
  const shot = () => page.screenshot({ clip: { x: 212, y: 118, width: 400, height: 300 } });
  const cursor = page.locator(".heatmap [aria-live]");
  await page.locator(".scroller").focus();
  await page.keyboard.press("ArrowRight");
  await expect(cursor).toContainText("Grace Hopper, schedule_meeting.participants_video:");
  await page.mouse.move(0, 0);
  const before = await shot();
  await page.keyboard.press("Enter");
  await expect(page.locator(".panel h2")).toHaveText("Grace Hopper");
  await expect(page.locator(".origin")).toBeVisible();
  await page.waitForFunction(
    () => document.querySelector("canvas")?.width === document.querySelector(".scroller")?.clientWidth,
  );
  expect((await shot()).equals(before), "the heatmap is drawn as before").toBe(true);

  await page.getByRole("button", { name: "Close" }).click();
  await expect(page.locator(".scroller")).toBeFocused();
  await page.goBack();
  await expect(page.locator(".panel h3")).toHaveText("schedule_meeting.participants_video");
  await page.goBack();
  await expect(page.locator(".panel")).toHaveCount(0);
  await page.goForward();
  await expect(page.locator(".panel h2")).toHaveText("Grace Hopper");

  // A column that the panel would cover comes into sight.
  await page.keyboard.press("Escape");
  await page.locator(".scroller").focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await expect(page.locator(".panel h3")).toHaveText("recording.local_recording");
  await expect.poll(() => page.locator(".scroller").evaluate((of) => of.scrollLeft)).toBeGreaterThan(100);

  await page.keyboard.press("Control+c");
  await expect(cursor).toHaveText("Copied 1 person and 12 settings.");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.split("\n")[1]?.split("\t")).toHaveLength(16);
});

test("what a lock keeps from being changed is said for each", async ({ page }) => {
  const own = await startService();
  try {
    const groups = await askAt(own.url, "{ groups { nodes { id name } } }");
    const { id } = groups.groups.nodes.find((group: { name: string }) => group.name === "Support");
    const lock =
      "mutation($id: ID!) { updateGroupLockSettings(id: $id, input: { inMeeting: { chat: true } }) { __typename } }";
    await askAt(own.url, lock, { id });
    const view = `columns=inMeeting.chat&setting=inMeeting.chat&group=${encodeURIComponent(id)}&search=charles`;
    await page.goto(`${own.url}/?${view}`);
    await loaded(page);
    await expect(page.locator(".bars tbody").first()).toContainText("on");
    await page.getByLabel("Value for many").selectOption("false");
    await page.getByRole("button", { name: /^Change for \d+ …$/ }).click();
    await page.getByRole("button", { name: /^Change \d+ (people|person)$/ }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText(/(\d+) of \1 done · 0 changed · \1 not changed/);
    await expect(dialog.locator(".problems li").first()).toContainText(
      "Zoom kept another value: the setting may be locked",
    );
    await expect(dialog.getByRole("button", { name: "Close" })).toBeFocused();
    await accessible(page);
    await dialog.getByRole("button", { name: /^Try the other \d+ again …$/ }).click();
    await expect(dialog).toContainText(/Change in_meeting\.chat for \d+ (people|person): \d+ writes? and \d+ reads?\./);
  } finally {
    await leave(page, own);
  }
});

test("who is in several groups sees which one decides, and whether that is certain", async ({ page }) => {
  const find = "{ users(first: 300) { nodes { id groups { name } } } }";
  const inBoth = (user: { groups: { name: string }[] }) =>
    ["Engineering", "Sales"].every((name) => user.groups.some((group) => group.name === name));
  const declared = await startService();
  const zoom = await startZoom();
  const undeclared = await startService([], credentials(zoom));
  try {
    const { id } = (await askAt(declared.url, find)).users.nodes.find(inBoth);
    const view = `?columns=inMeeting.annotation&person=${encodeURIComponent(id)}&setting=inMeeting.annotation`;
    await page.goto(`${declared.url}/${view}`);
    await loaded(page);
    const panel = page.locator(".panel");
    await expect(panel).toContainText(/Comes from: the group (Engineering|Sales), locked by the group \1/);
    await panel.getByText("Why", { exact: true }).click();
    await expect(panel.locator(".because li")).toHaveCount(4);
    await expect(panel.locator(".because")).toContainText("locks it, decides");
    await accessible(page);

    const other = (await askAt(undeclared.url, find)).users.nodes.find(inBoth).id;
    await page.goto(`${undeclared.url}/${view.replace(encodeURIComponent(id), encodeURIComponent(other))}`);
    await loaded(page);
    await expect(panel).toContainText(/Probably comes from: the group (Engineering|Sales)/);
    await expect(panel).toContainText("group_model in the configuration does not say it");
    await accessible(page);
  } finally {
    await leave(page, declared);
    await leave(page, undeclared, zoom);
  }
});

test("people of all statuses, with what is not known shown as what it is", async ({ page }) => {
  await page.goto(`${service.url}/?status=PENDING&as=table&columns=inMeeting.chat`);
  await expect(page.locator(".table tbody tr").first()).toContainText("invitation pending");
  const before = await lastCall(zoom);
  await page
    .getByRole("button", { name: /Charles/ })
    .first()
    .click();
  await expect(page.locator(".panel")).toContainText("the invitation is still pending");
  expect((await callsSince(zoom, before)).filter((call) => call.path.endsWith("/settings"))).toEqual([]);
});

test("the CSV has what is shown, and no formulas", async ({ page }) => {
  await page.goto(`${service.url}/?columns=inMeeting.chat,scheduleMeeting.audioType&search=grace.hopper@`);
  await loaded(page);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export CSV" }).click(),
  ]);
  const text = await (await download.createReadStream()).toArray();
  const lines = Buffer.concat(text).toString().split("\r\n");
  expect(lines[0]).toBe("id,email,name,department,in_meeting.chat,schedule_meeting.audio_type");
  expect(lines[1]).toMatch(/^[\w-]+,grace\.hopper@example\.com,Grace Hopper,[^,]+,(true|false),\w+$/);
});

test("dark and light, narrow and wide", async ({ page }) => {
  const policy = encodeURIComponent('{"inMeeting.waitingRoom":true,"scheduleMeeting.hostVideo":false}');
  for (const [width, height] of [
    [360, 780],
    [2560, 1440],
    [820, 1100],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${service.url}/?policy=${policy}`);
      await loaded(page);
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(wide, `wider than ${width}`).toBeLessThanOrEqual(0);
      await accessible(page);
      await page.screenshot({ path: `${shots}dashboard-${width}-${colorScheme}.png` });
    }
  }
});

test.describe("while the service is away", () => {
  test.use({ expected: /ERR_CONNECTION_REFUSED|WebSocket connection/ });

  test("the page keeps what it has, says so, and hears of changes again", async ({ page }) => {
    let own = await startService();
    try {
      await page.goto(`${own.url}/?columns=inMeeting.waitingRoom&search=ada.lovelace&as=table`);
      await loaded(page);
      await own.stop();
      await expect(page.locator(".live")).toContainText("offline");
      await expect(page.locator(".table tbody tr")).toHaveCount(1);
      await page.getByRole("button", { name: "Reload" }).click();
      await expect(page.locator(".progress")).toContainText("trying again by itself");

      own = await startService(["--addr", new URL(own.url).host]);
      await expect(page.locator(".live")).toContainText("live");
      await expect(page.locator(".notices")).toContainText("Changes made while this window was offline");
      await loaded(page);
      const before = await cellOf(page, "Ada Lovelace", "waiting_room");
      await change(own, "ada.lovelace@example.com", { inMeeting: { waitingRoom: before === "off" } });
      await expect.poll(() => cellOf(page, "Ada Lovelace", "waiting_room")).not.toBe(before);
    } finally {
      await leave(page, own);
    }
  });
});

/** Asks a service beside the page, and returns the data. */
async function askAt(url: string, query: string, variables: object = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  expect(errors).toBeUndefined();
  return data;
}

test("of 5,000 people and 40 settings only what is in sight is drawn", async ({ page }) => {
  const large = await startZoom(["--users", "5000"]);
  const behind = await startService(["--zoom-rate", "off"], credentials(large));
  try {
    await page.addInitScript(() => {
      const drawn = { rectangles: 0 };
      Object.assign(window, { drawn });
      const { fillRect } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.fillRect = function (...box) {
        drawn.rectangles++;
        fillRect.apply(this, box);
      };
    });
    const columns = catalogue.filter((s) => !s.view && s.id.split(".").length === 2).slice(0, 40);
    await page.goto(`${behind.url}/?columns=${columns.map((s) => s.id).join(",")}`);
    await loaded(page, 5000);
    const most = await page.evaluate(async () => {
      const { drawn } = window as unknown as { drawn: { rectangles: number } };
      const scroller = document.querySelector(".scroller");
      let most = 0;
      for (let frame = 0; frame < 60; frame++) {
        drawn.rectangles = 0;
        scroller?.scrollTo((frame * 20) % 400, frame * 2000);
        await new Promise(requestAnimationFrame);
        await new Promise(requestAnimationFrame);
        most = Math.max(most, drawn.rectangles);
      }
      return most;
    });
    expect(most).toBeGreaterThan(200);
    expect(most).toBeLessThan(1600); // 200,000 cells there are
    await page.screenshot({ path: `${shots}dashboard-5000x40.png` });
  } finally {
    await leave(page, behind, large);
  }
});
