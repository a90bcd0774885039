import type { Page } from "@playwright/test";
import { expectTrue, painted, record } from "./heatmap";
import { expect, leave, test } from "./page";
import { change, credentials, type Started, startService, startZoom } from "./service";

// Rows and facets stay where they are, and so does the page, until one asks for an order again.

const chat = "inMeeting.chat";
const columns = [chat, "inMeeting.waitingRoom", "scheduleMeeting.hostVideo"];

let zoom: Started;
let service: Started;

test.beforeEach(async ({ page }) => {
  zoom = await startZoom(["--users", "120"]);
  service = await startService(["--zoom-rate", "off"], credentials(zoom));
  await record(page);
});

test.afterEach(async ({ page }) => {
  await leave(page, service, zoom);
});

async function open(page: Page, view: Record<string, string>): Promise<void> {
  await page.goto(`${service.url}/?${new URLSearchParams({ columns: columns.join(), ...view })}`);
  await expect(page.locator(".progress .state")).toContainText("120 people ·");
  await expectTrue(page, "loading");
}

const scrollTop = (page: Page) => page.locator(".scroller").evaluate((of) => of.scrollTop);
const names = async (page: Page) => (await painted(page)).rows.map(({ name, y }) => `${y} ${name}`);

/** Clicks on the cell of a painted row, and returns who is there. */
async function openCell(page: Page, row: number, column: number): Promise<string> {
  const { rows, columns } = await painted(page);
  const box = await page.locator(".scroller").boundingBox();
  await page.mouse.click((box?.x ?? 0) + (columns[column]?.x ?? 0), (box?.y ?? 0) + (rows[row]?.y ?? 0));
  await expect(page.locator(".panel h2")).toHaveText(rows[row]?.name ?? "");
  return rows[row]?.name ?? "";
}

test("a row that is changed stays, and so does the page, until one sorts again", async ({ page }) => {
  await open(page, { sort: `-${chat}` });
  await page.locator(".scroller").evaluate((of) => of.scrollTo(0, 300));
  const name = await openCell(page, 4, 0);
  const [top, before] = [await scrollTop(page), await names(page)];
  const was = (await painted(page)).rows[4]?.cells[0]?.text;
  await page.getByLabel("Change to", { exact: true }).selectOption(was === "on" ? "false" : "true");
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await expect(page.locator(".edit [role=status]")).toHaveText("Changed; Zoom has stored it.");
  await expect(page.locator(".again")).toContainText("Order from before the change");
  const seen = await expectTrue(page, "the change");
  expect(seen.rows[4]?.cells[0]?.text).toBe(was === "on" ? "off" : "on");
  expect(await names(page)).toEqual(before);
  expect(await scrollTop(page)).toBe(top);
  await expect(page.locator(".panel h2")).toHaveText(name);

  // Sorting again moves the row. The page stays, and the panel, the cursor and the keys stay with the person.
  await page.getByRole("button", { name: "Sort again" }).click();
  await expect(page.locator(".again")).toHaveText("");
  expect(await names(page)).not.toEqual(before);
  expect(await scrollTop(page)).toBe(top);
  await expectTrue(page, "Sort again");
  await expect(page.locator(".panel h2")).toHaveText(name);
  await page.locator(".scroller").focus();
  await expect(page.locator(".heatmap [aria-live]")).toContainText(`${name}, in_meeting.chat:`);
  await page.keyboard.press("ArrowLeft");
  await expect(page.locator(".heatmap [aria-live]")).toContainText(name);
});

test("changes from elsewhere and for many move nothing", async ({ page }) => {
  await open(page, { sort: chat });
  await page.locator(".scroller").evaluate((of) => of.scrollTo(0, 170));
  await expect(page.locator(".live")).toContainText("live");
  const [top, before] = [await scrollTop(page), await names(page)];
  const text = async () => (await painted(page)).rows[2]?.cells[0]?.text;
  const was = await text();
  await change(service, await emailOf(page, 2), { inMeeting: { chat: was !== "on" } });
  await expect.poll(text).toBe(was === "on" ? "off" : "on");
  expect([await scrollTop(page), await names(page)]).toEqual([top, before]);
  await expect(page.locator(".again")).toContainText("Order from before the change");

  await page.getByRole("button", { name: "Sort again" }).click();
  const sorted = await names(page);
  await page.getByLabel("Search people").fill("a"); // and asking for something else sorts as well
  await page.getByLabel("Search people").fill("");
  expect(await names(page)).toEqual(sorted);

  const box = await page.locator(".scroller").boundingBox();
  await page.mouse.click((box?.x ?? 0) + ((await painted(page)).columns[0]?.x ?? 0), (box?.y ?? 0) + 34);
  await expect(page.locator(".panel h2")).toHaveText("chat");
  const still = [await scrollTop(page), await names(page)];
  await page.getByLabel("Value for many").selectOption("true");
  await page.getByRole("button", { name: /^Change for \d+ …$/ }).click();
  await page.getByRole("button", { name: /^Change \d+ (people|person)$/ }).click();
  await expect(page.getByRole("dialog")).toContainText(/(\d+) of \1 done/);
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  expect([await scrollTop(page), await names(page)]).toEqual(still);
  await expectTrue(page, "a change for many");
});

async function emailOf(page: Page, row: number): Promise<string> {
  const y = (await painted(page)).rows[row]?.y ?? 0;
  const box = await page.locator(".scroller").boundingBox();
  await page.mouse.click((box?.x ?? 0) + 60, (box?.y ?? 0) + y);
  const email = (await page.locator(".panel h2 + p").textContent()) ?? "";
  await page.keyboard.press("Escape");
  return email;
}

test("whom a filter would drop after a change stays under the pointer", async ({ page }) => {
  const policy = JSON.stringify({ [chat]: true });
  await open(page, { policy, only: "deviating" });
  const name = await openCell(page, 1, 0);
  const before = await names(page);
  await page.getByRole("button", { name: "As the policy has it" }).click();
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await expect(page.locator(".edit [role=status]")).toHaveText("Changed; Zoom has stored it.");
  await expect(page.locator(".again")).toContainText("Some no longer fit the filter");
  expect(await names(page)).toEqual(before);
  await expectTrue(page, "the change");
  await page.getByRole("button", { name: "Filter again" }).click();
  expect((await names(page)).join()).not.toContain(name);
  await expectTrue(page, "Filter again");
});

test("on a narrow screen a person who is brought into line stays in the list", async ({ page }) => {
  await page.setViewportSize({ width: 400, height: 800 });
  const policy = JSON.stringify({ [chat]: true });
  await page.goto(`${service.url}/?${new URLSearchParams({ columns: columns.join(), policy })}`);
  await expect(page.locator(".progress .state")).toContainText("120 people ·");
  const people = page.locator(".people li .who b");
  await expect(people.nth(2)).toBeVisible();
  const before = await people.allTextContents();
  await page.locator(".people li").nth(1).locator(".chip").click();
  await page.getByRole("button", { name: "As the policy has it" }).click();
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await expect(page.locator(".edit [role=status]")).toHaveText("Changed; Zoom has stored it.");
  await page.getByRole("button", { name: "Close" }).click();
  expect(await people.allTextContents()).toEqual(before);
  await page.getByRole("button", { name: "Filter again" }).click();
  await expect(people.nth(1)).toHaveText(before[2] ?? "");
});

test("a link with an order opens in that order, and a used board is not sorted while it loads", async ({ page }) => {
  const slow = await startZoom(["--users", "120", "--latency", "40ms"]);
  const own = await startService(["--zoom-rate", "medium=40", "--zoom-share", "1"], credentials(slow));
  try {
    const view = `${own.url}/?${new URLSearchParams({ columns: columns.join(), sort: chat })}`;
    await page.goto(view);
    await expect(page.locator(".progress .state")).toContainText("calls/s");
    await openCell(page, 3, 0);
    const used = await names(page);
    await expect(page.locator(".progress .state")).toContainText("120 people ·");
    expect(await names(page)).toEqual(used);
    await expect(page.locator(".again")).toContainText("Order from before the change");

    await page.goto(view);
    await expect(page.locator(".progress .state")).toContainText("120 people ·");
    const sorted = await expectTrue(page, "loading");
    expect(new Set(sorted.rows.map(({ cells }) => cells[0]?.text))).toEqual(new Set(["off"]));
    await expect(page.locator(".again")).toHaveText("");
  } finally {
    await leave(page, own, slow);
  }
});

test("facets keep their order while people arrive", async ({ page }) => {
  const large = await startZoom(["--users", "2000", "--latency", "150ms"]);
  const own = await startService(["--zoom-rate", "off"], credentials(large));
  try {
    await page.goto(`${own.url}/?columns=`);
    const orders = await page.evaluate(async () => {
      const orders: Record<string, string[][]> = {};
      for (const end = Date.now() + 20_000; Date.now() < end; ) {
        for (const box of document.querySelectorAll(".facets fieldset")) {
          const values = [...box.querySelectorAll(".name")].map(({ textContent }) => textContent ?? "");
          const title = box.querySelector("legend")?.textContent ?? "";
          orders[title] ??= [];
          if (orders[title].at(-1)?.join() !== values.join()) orders[title].push(values);
        }
        if (document.querySelector(".progress .state")?.textContent?.startsWith("2000 people")) break;
        await new Promise(requestAnimationFrame);
      }
      return orders;
    });
    expect(Object.keys(orders).sort()).toEqual(["Department", "Group", "Role", "Status"]);
    for (const [title, seen] of Object.entries(orders)) {
      // Names of groups and roles may come after their ids; whatever comes after that stands behind.
      const known = seen.filter((values) => values.every((value) => !/^(\d+|[\w-]{20,})$/.test(value)));
      for (const [i, values] of known.entries()) {
        const before = known[i - 1] ?? [];
        expect(values.slice(0, before.length), `${title} ${i}`).toEqual(before);
      }
    }
  } finally {
    await leave(page, own, large);
  }
});
