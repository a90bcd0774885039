import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { expect, leave, test } from "./page";
import { type Started, startService } from "./service";

// The service behind a proxy, below a path of its host, which it learns from --public-url alone.

const path = "/tools/zoomgraph";

test.use({ expected: /401 \(Unauthorized\)/ });

for (const way of ["strip", "keep"]) {
  test.describe(`below a path, which the proxy ${way}s`, () => {
    let service: Started;
    let proxy: ChildProcess;
    let url: string;

    test.beforeAll(async () => {
      const port = await freePort();
      url = `http://127.0.0.1:${port}${path}`;
      const app = [
        "--sign-in-client-id",
        "demo",
        "--sign-in-client-secret",
        "demo-secret",
        "--sign-in-allow",
        "read,write",
      ];
      service = await startService([...app, "--public-url", url]);
      const script = resolve(import.meta.dirname, "proxy.mjs");
      proxy = spawn(process.execPath, [script, `${port}`, service.url, path, ...(way === "strip" ? [way] : [])], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await new Promise((done) => proxy.stdout?.once("data", done));
    });

    test.afterAll(async () => {
      proxy?.kill();
      await service?.stop();
    });

    test("the console, sign-in, its socket and GraphiQL work", async ({ page, context }) => {
      const outside: string[] = [];
      page.on("request", (request) => {
        const asked = new URL(request.url());
        if (asked.origin === new URL(url).origin && !asked.pathname.startsWith(`${path}/`) && asked.pathname !== path)
          outside.push(asked.pathname);
      });
      await page.goto(url); // without the last slash
      await expect(page).toHaveURL(`${url}/`);
      const view = `${url}/?columns=inMeeting.waitingRoom&search=ada.lovelace&as=table`;
      await page.goto(view);
      await page.getByRole("link", { name: "Sign in with Zoom" }).click();
      await page.getByRole("link", { name: /Ada Lovelace/ }).click();
      await expect(page).toHaveURL(view);
      await expect(page.locator(".viewer")).toContainText("Ada Lovelace");
      await expect(page.locator(".live")).toContainText("live");
      await expect(page.locator(".table tbody tr").first().locator("td").nth(1)).toHaveText(/^(on|off)$/);
      const cookies = (await context.cookies()).filter((cookie) => cookie.name.includes("zoomgraph"));
      expect(cookies.map(({ name, path, httpOnly, secure }) => ({ name, path, httpOnly, secure }))).toEqual([
        { name: "__Secure-zoomgraph", path, httpOnly: true, secure: true },
      ]);

      await page.getByRole("link", { name: "GraphiQL" }).click();
      await expect(page).toHaveURL((at) => at.href.startsWith(`${url}/graphiql`));
      await expect(page.getByText("Ada Lovelace").first()).toBeVisible();
      const socket = page.waitForEvent("websocket", (opened) => opened.url().endsWith(`${path}/graphql`));
      await page.goto(`${url}/graphiql?query=${encodeURIComponent("subscription { userSettingsChanged { fields } }")}`);
      await expect(page.locator(".graphiql-query-editor .view-lines")).toContainText("userSettingsChanged");
      await page.getByRole("button", { name: /Execute query/ }).click();
      await socket;
      const told = page.evaluate(async () => {
        const query = "subscription { userSettingsChanged { fields } }";
        const abort = new AbortController();
        const answer = await fetch("graphql", {
          method: "POST",
          headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
          body: JSON.stringify({ query }),
          signal: abort.signal,
        });
        const type = answer.headers.get("Content-Type");
        abort.abort();
        return type;
      });
      expect(await told).toContain("text/event-stream");

      await page.getByRole("link", { name: "zoomgraph" }).first().click();
      await expect(page).toHaveURL(`${url}/`);
      await page.getByRole("button", { name: "Sign out" }).click();
      await expect(page.getByRole("link", { name: "Sign in with Zoom" })).toBeVisible();
      expect(outside).toEqual([]);
      await leave(page);
    });
  });
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address ? address.port : 0));
    });
  });
}
