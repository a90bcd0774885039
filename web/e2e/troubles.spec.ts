import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { accessible, expect, leave, test } from "./page";
import { configure, credentials, type Started, startService, startZoom } from "./service";

// What the page says when something is wrong on the way to Zoom: what it is and how it is mended, once, as long as it is
// so, and never beside a green "live".

const shots = new URL("./results/", import.meta.url).pathname;
const columns = "columns=inMeeting.chat,inMeeting.waitingRoom";

test.use({
  // A service that ends may have answered no byte, a part, or that it ends.
  expected:
    /ERR_CONNECTION_|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|ERR_SOCKET_NOT_CONNECTED|ERR_FAILED|WebSocket connection|401 \(Unauthorized\)|503 \(Service/,
});

const middle = (page: Page) => page.locator(".matrix .empty");
const notices = (page: Page) => page.locator(".notice");
const live = (page: Page) => page.locator(".live");
const state = (page: Page) => page.locator(".progress .state");
const marketplace = "https://marketplace.zoom.us/user/build";

let zoom: Started;

test.beforeEach(async () => {
  zoom = await startZoom(["--users", "40", "--client-secret", "good"]);
});

test.afterEach(async () => zoom.stop());

/** A service that knows nothing longer than a moment, so that what is asked is asked of Zoom. */
function start(secret = "good", args: string[] = []): Promise<Started> {
  return startService(["--cache-ttl", "0", ...args], { ...credentials(zoom), ZOOM_CLIENT_SECRET: secret });
}

/** Nothing says what is not so: no green, no empty account, no count of nobody, and each trouble once. */
async function honest(page: Page, told: RegExp): Promise<void> {
  await expect(live(page)).not.toHaveClass(/\blive live\b/);
  await expect(page.locator("body")).not.toContainText(
    /Nobody has been listed|has nobody of this status|0 of 0|\b0 people/,
  );
  const text = (await page.locator("body").allInnerTexts()).join().replaceAll("\n", " ");
  expect(text.match(new RegExp(told, "g")), `once in: ${text}`).toHaveLength(1);
  await accessible(page);
}

async function loaded(page: Page): Promise<void> {
  await expect(state(page)).toContainText("40 people ·", { timeout: 60_000 });
}

test("refused credentials are said in the middle, and the page goes on when they are mended", async ({ page }) => {
  let own = await start("bad");
  try {
    await page.goto(`${own.url}/?${columns}`);
    await expect(middle(page)).toContainText("Zoom refuses this service’s credentials");
    await expect(middle(page)).toContainText("the client id and the client secret");
    await expect(middle(page).getByRole("link")).toHaveAttribute("href", marketplace);
    await expect(live(page)).toContainText("refused");
    await expect(state(page)).toHaveText("Stopped; nobody is listed");
    await expect(notices(page)).toHaveCount(0);
    await honest(page, /Zoom refuses this service’s credentials/);
    await page.screenshot({ path: `${shots}trouble-credentials.png` });

    await own.stop();
    own = await start("good", ["--addr", new URL(own.url).host]);
    await loaded(page);
    await expect(middle(page)).toHaveCount(0);
    await expect(live(page)).toHaveText(/live/);
  } finally {
    await leave(page, own);
  }
});

test.describe("when nobody is listed", () => {
  for (const [what, fault, told] of [
    [
      "no scope for people",
      scope("GET /users", "user:read:list_users:admin"),
      /missing scopes: user:read:list_users:admin/,
    ],
    [
      "no permission",
      { match: "GET /users", kind: "status", status: 403, code: 200, message: "no" },
      /the app has no permission/,
    ],
    [
      "a refusal with 200",
      { match: "GET /users", kind: "error200", code: 200, message: "no" },
      /the app has no permission/,
    ],
    ["nonsense", { kind: "html" }, /What answers is not Zoom/],
    ["nothing", { kind: "null" }, /What answers is not Zoom/],
    ["a failure", { kind: "status", status: 503, code: 1, message: "no" }, /Zoom does not answer/],
    ["a broken connection", { kind: "drop" }, /Zoom does not answer/],
    ["a day that is used up", { kind: "429-daily" }, /Zoom’s calls for this account are used up/],
  ] as const) {
    test(`the page says why: ${what}`, async ({ page }) => {
      const own = await start();
      try {
        await configure(zoom, { faults: [fault] });
        await page.goto(`${own.url}/?${columns}`);
        await expect(middle(page)).toContainText(told);
        await honest(page, told);
        await page.screenshot({ path: `${shots}trouble-${what.replaceAll(" ", "-")}.png` });

        await configure(zoom, { faults: [] });
        const again = middle(page).getByRole("button", { name: "Try again" });
        if (await again.isVisible()) await again.click();
        if (what !== "a day that is used up") await loaded(page); // there the page asks again after a minute
      } finally {
        await leave(page, own);
      }
    });
  }

  test("since there really is nobody, it says that", async ({ page }) => {
    const own = await start();
    try {
      await configure(zoom, { faults: [{ match: "GET /users", kind: "wrong-type", path: "users", value: [] }] });
      await page.goto(`${own.url}/?${columns}`);
      await expect(middle(page)).toHaveText("The account has nobody of this status.");
      await expect(live(page)).toHaveClass(/\blive live\b/);
      await expect(notices(page)).toHaveCount(0);
    } finally {
      await leave(page, own);
    }
  });

  test("of one status while others are there, it is not the filters' fault", async ({ page }) => {
    const own = await start();
    try {
      await page.goto(`${own.url}/?${columns}`);
      await loaded(page);
      await configure(zoom, {
        faults: [{ match: "GET /users", kind: "status", status: 403, code: 200, message: "no" }],
      });
      await page.getByLabel("inactive").check();
      await page.getByRole("checkbox", { name: /^active/ }).uncheck();
      await expect(middle(page)).toContainText("Nobody of this status could be listed");
      await expect(middle(page)).toContainText("the app has no permission for this");
    } finally {
      await leave(page, own);
    }
  });

  test("since that was cancelled, it says so", async ({ page }) => {
    const own = await start();
    try {
      await configure(zoom, { latency: "3s" });
      await page.goto(`${own.url}/?${columns}`);
      await expect(middle(page)).toHaveText("Listing people …");
      await page.getByRole("button", { name: "Cancel" }).click();
      await expect(middle(page)).toContainText("Cancelled before anybody was listed.");
      await expect(state(page)).toHaveText("Cancelled; nobody is listed");
      await configure(zoom, { latency: "0s" });
      await middle(page).getByRole("button", { name: "Go on" }).click();
      await loaded(page);
    } finally {
      await leave(page, own);
    }
  });
});

test("missing scopes for names are named with where they are set, and writes name theirs", async ({ page }) => {
  const own = await start();
  try {
    await configure(zoom, {
      faults: [
        scope("GET /groups", "group:read:list_groups:admin"),
        scope("GET /roles", "role:read:list_roles:admin"),
        scope("PATCH /users/*/settings", "user:update:settings:admin"),
        scope("GET /accounts/*/settings", "account:read:settings:admin"),
      ],
    });
    await page.goto(`${own.url}/?${columns}&as=table`);
    await loaded(page);
    await expect(notices(page)).toHaveCount(1);
    const banner = notices(page).first();
    await expect(banner).toContainText("group:read:list_groups:admin, role:read:list_roles:admin");
    await expect(banner).toContainText("Groups are shown by their ids and roles are shown by their ids.");
    await expect(banner.getByRole("link")).toHaveAttribute("href", marketplace);
    await expect(live(page)).toHaveClass(/\blive live\b/); // all the rest is well
    await accessible(page);

    await page.getByRole("button", { name: "Ada Lovelace", exact: true }).click();
    await expect(banner).toContainText("account:read:settings:admin");
    await page.locator(".effective").getByRole("button", { name: "chat", exact: true }).click();
    await expect(page.locator(".panel .problem").first()).toContainText("missing scopes: account:read:settings:admin");
    const was = await page.locator(".panel .value b").textContent();
    await page.getByLabel("Change to", { exact: true }).selectOption(was === "on" ? "false" : "true");
    await page.getByRole("button", { name: "Change", exact: true }).click();
    await expect(page.locator(".edit [role=status]")).toContainText("missing scopes: user:update:settings:admin");
    await expect(banner).toContainText("settings cannot be changed");
    await page.screenshot({ path: `${shots}trouble-scopes.png` });

    await page.locator(".panel h3 button").click();
    await page.getByLabel("Value for many").selectOption("true");
    await page.getByRole("button", { name: /^Change for \d+ …$/ }).click();
    await page.getByRole("button", { name: /^Change \d+ (people|person)$/ }).click();
    await expect(page.getByRole("dialog").locator(".problems li").first()).toContainText(
      "missing scopes: user:update:settings:admin",
    );
    await expect(page.getByRole("dialog")).toContainText(/(\d+) of \1 done/);
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();

    await configure(zoom, { faults: [] });
    await banner.getByRole("button", { name: "try again" }).click();
    await expect(banner).not.toContainText("groups are shown", { ignoreCase: true });
    await expect(page.getByRole("group", { name: "Group" })).toContainText("Engineering");
  } finally {
    await leave(page, own);
  }
});

for (const when of ["after all was loaded", "while settings come in"]) {
  test(`an outage of Zoom ${when} is said once, and no longer than it lasts, though nobody does anything`, async ({
    page,
  }) => {
    const own = await start("good", ["--zoom-rate", "medium=15", "--zoom-share", "1"]);
    let later: Started | undefined;
    try {
      await page.goto(`${own.url}/?${columns}`);
      if (when === "after all was loaded") await loaded(page);
      else await expect(page.locator(".found")).toHaveText("40 people");
      await zoom.stop();
      await expect(notices(page)).toContainText(["Zoom does not answer"], { timeout: 60_000 });
      await honest(page, /Zoom does not answer/);
      await expect(notices(page)).toHaveCount(1);
      // It is there to be read, whole.
      for (const width of [1280, 820, 400]) {
        await page.setViewportSize({ width, height: 800 });
        const [inner, outer] = await notices(page).evaluate((of) => [of.scrollWidth, of.clientWidth]);
        expect(inner, `cut off at ${width}`).toBeLessThanOrEqual(outer ?? 0);
        await page.screenshot({ path: `${shots}trouble-outage-${width}.png` });
      }
      await page.setViewportSize({ width: 1280, height: 800 });

      later = await startZoom(["--users", "40", "--client-secret", "good", "--addr", new URL(zoom.url).host]);
      await expect.poll(() => notices(page).allInnerTexts(), { timeout: 60_000 }).toEqual([]);
      await expect(live(page)).toHaveClass(/\blive live\b/);
      await loaded(page);
      await expect(page.locator(".problem, .notice")).toHaveCount(0); // nothing stays red
    } finally {
      await leave(page, own);
      await later?.stop();
    }
  });
}

for (const [what, fault] of [
  ["answers with a page of somebody else's", { kind: "html" }],
  ["hangs", { kind: "hang" }],
  ["refuses tokens", { match: "/oauth/token", kind: "status", status: 401, code: 1, message: "no" }],
] as const) {
  test(`it is seen and forgotten when Zoom ${what}`, async ({ page }) => {
    const own = await start();
    try {
      await page.goto(`${own.url}/?${columns}`);
      await loaded(page);
      const expired = { kind: "expire-token", times: 1 };
      await configure(zoom, { faults: what === "refuses tokens" ? [expired, fault] : [fault] });
      await expect(notices(page)).toHaveCount(1, { timeout: 60_000 });
      await expect(live(page)).not.toHaveClass(/\blive live\b/);
      await configure(zoom, { faults: [] });
      await expect(notices(page)).toHaveCount(0, { timeout: 60_000 });
      await expect(live(page)).toHaveClass(/\blive live\b/);
    } finally {
      await leave(page, own);
    }
  });
}

test("what cannot be read of one person is said of that person, and of nobody else", async ({ page }) => {
  const own = await start();
  try {
    await configure(zoom, {
      faults: [{ match: "GET /users/*/settings", user: "grace.hopper@example.com", kind: "html" }],
    });
    await page.goto(`${own.url}/?${columns}&as=table`);
    await expect(notices(page)).toHaveText([/^Settings of one person could not be read; their cells say why/], {
      timeout: 60_000,
    });
    await expect(live(page)).toHaveClass(/\blive live\b/);
    await configure(zoom, { faults: [] });
    await notices(page).getByRole("button", { name: "Try again" }).click();
    await loaded(page);
    await expect(notices(page)).toHaveCount(0);
  } finally {
    await leave(page, own);
  }
});

test("a service that is away is said, whether it ends or hangs, and forgotten when it is back", async ({ page }) => {
  const own = await start();
  try {
    await page.goto(`${own.url}/?${columns}`);
    await loaded(page);
    own.signal("SIGSTOP");
    await expect(notices(page)).toContainText(["The service cannot be reached"], { timeout: 60_000 });
    await honest(page, /The service cannot be reached/);
    own.signal("SIGCONT");
    await expect(notices(page).filter({ hasText: "cannot be reached" })).toHaveCount(0, { timeout: 60_000 });
    await expect(live(page)).toHaveText(/live/, { timeout: 60_000 });
  } finally {
    own.signal("SIGCONT");
    await leave(page, own);
  }
});

test("a page that the service does not answer at first enters by itself", async ({ page }) => {
  const own = await start();
  try {
    await page.route("**/console.json", (route) => route.abort());
    await page.goto(`${own.url}/?${columns}`);
    await expect(page.getByRole("alert")).toContainText("The service does not answer");
    await page.unroute("**/console.json");
    await loaded(page);
  } finally {
    await leave(page, own);
  }
});

test("a key that is no longer known is said, and another one can be entered", async ({ page }) => {
  const [old, other] = [`zg_${"o".repeat(52)}`, `zg_${"n".repeat(52)}`];
  const file = join(mkdtempSync(join(tmpdir(), "zoomgraph-")), "config.yaml");
  const allow = (name: string, key: string) =>
    writeFileSync(
      file,
      `callers:\n  - {name: ${name}, key_sha256: "${createHash("sha256").update(key).digest("hex")}", allow: [read]}\n`,
    );
  allow("old", old);
  let own = await startService(["--config", file]);
  try {
    await page.goto(`${own.url}/?${columns}&search=ada`);
    await page.getByLabel("Your key").fill(old);
    await page.getByRole("button", { name: "Enter" }).click();
    await expect(state(page)).toContainText("500 people ·");
    const { host } = new URL(own.url);
    await own.stop();
    allow("other", other);
    own = await startService(["--config", file, "--addr", host]);
    await expect(notices(page).first()).toContainText("The service does not know you any more", { timeout: 60_000 });
    await expect(live(page)).not.toHaveClass(/\blive live\b/);
    await accessible(page);
    await page.getByRole("button", { name: "Enter a key" }).click();
    await page.getByLabel("Your key").fill(other);
    await page.getByRole("button", { name: "Enter" }).click();
    await expect(page.locator(".viewer")).toContainText("other");
    await expect(page).toHaveURL(/search=ada/);
    await expect(notices(page)).toHaveCount(0);
  } finally {
    await leave(page, own);
  }
});

function scope(match: string, name: string) {
  const message = `Invalid access token, does not contain scopes:[${name}].`;
  return { match, kind: "status", status: 400, code: 4711, message };
}
