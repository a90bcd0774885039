import { accessible, expect, leave, test } from "./page";
import { configure, type Started, startService } from "./service";

// People sign in with Zoom, here the embedded one, whose page lets one choose who one is.

let service: Started;

test.beforeAll(async () => {
  const app = ["--sign-in-client-id", "demo", "--sign-in-client-secret", "demo-secret"];
  service = await startService([...app, "--sign-in-allow", "read,write"]);
});

test.afterAll(async () => service?.stop());

// The browser writes an error for each answer of 401.
test.use({ expected: /401 \(Unauthorized\)/ });

test("a person signs in, comes back to the same view, and signs out", async ({ page, context }) => {
  const view = "/?columns=inMeeting.waitingRoom&search=ada.lovelace&as=table";
  await page.goto(service.url + view);
  await expect(page.getByLabel("Or with a key")).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Sign in with Zoom" }).click();
  await expect(page).not.toHaveURL(new RegExp(`^${service.url}`)); // Zoom's own page
  await page.getByRole("link", { name: /Ada Lovelace/ }).click();

  await expect(page).toHaveURL(service.url + view);
  await expect(page.locator(".viewer")).toContainText("Ada Lovelace");
  await expect(page.locator(".lacks")).toHaveText("no secrets");
  await expect(page.locator(".live")).toContainText("live"); // the socket has the cookie, too
  await expect(page.locator(".table tbody tr").first().locator("td").nth(1)).toHaveText(/^(on|off)$/);
  const cookies = (await context.cookies()).filter((cookie) => cookie.name.startsWith("__Host-"));
  expect(cookies.map(({ httpOnly, secure, path }) => ({ httpOnly, secure, path }))).toEqual([
    { httpOnly: true, secure: true, path: "/" },
  ]);
  expect(
    await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })),
  ).not.toContain(cookies[0]?.value);

  // Whoever is signed in may write here, and it is told live.
  await page.getByRole("button", { name: "Ada Lovelace", exact: true }).click();
  await page.locator(".effective").getByRole("button", { name: "waiting_room" }).click();
  await expect(page.locator(".edit")).toBeVisible();

  // Both pages know the session, and the end of it.
  const graphiql = await context.newPage();
  await graphiql.goto(`${service.url}/graphiql`);
  await expect(graphiql.getByText("Ada Lovelace").first()).toBeVisible();
  await graphiql.close();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in with Zoom" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("link", { name: "Sign in with Zoom" })).toBeVisible();
});

test("who does not let the service in is told so, and can try again", async ({ page }) => {
  await page.goto(`${service.url}/?search=ada`);
  await page.getByRole("link", { name: "Sign in with Zoom" }).click();
  await page.getByRole("link", { name: "Decline" }).click();
  await expect(page.getByRole("alert")).toContainText("Zoom was told not to let this service act for you");
  await page.getByRole("link", { name: "Sign in with Zoom" }).click();
  await page.getByRole("link", { name: /Ada Lovelace/ }).click();
  await expect(page).toHaveURL(`${service.url}/?search=ada`);
});

test("who may list nobody sees themselves", async ({ page }) => {
  const own = await startService(["--sign-in-client-id", "demo", "--sign-in-client-secret", "demo-secret"]);
  try {
    const message = "Invalid access token, does not contain scopes:[user:read:admin].";
    const faults = [{ match: "GET /users", kind: "status", status: 400, code: 4711, message }];
    await configure({ url: own.zoom() }, { faults });
    await page.goto(`${own.url}/?columns=inMeeting.chat&as=table`);
    await page.getByRole("link", { name: "Sign in with Zoom" }).click();
    await page.getByRole("link", { name: /Grace Hopper/ }).click();
    await expect(page.locator(".notices")).toContainText("Zoom lets you list nobody else");
    await expect(page.locator(".table tbody th")).toHaveText(["Grace Hopper"]);
    await expect(page.locator(".table tbody td").nth(1)).toHaveText(/^(on|off)$/);
  } finally {
    await leave(page, own);
  }
});
