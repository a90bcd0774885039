import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { accessible, expect, test } from "./page";
import { credentials, type Started, startService, startZoom } from "./service";

// What an operator looks at: Zoom, the budget, and names that the schema does not know.

let zoom: Started;
let newer: Server;
let service: Started;

test.beforeAll(async () => {
  zoom = await startZoom(["--users", "3"]);
  newer = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", async () => {
      const { method = "GET", headers, url } = request;
      const { authorization = "", "content-type": type = "application/json" } = headers;
      const body = method === "GET" ? undefined : Buffer.concat(chunks);
      const answer = await fetch(`${zoom.url}${url}`, {
        method,
        headers: { authorization, "content-type": type },
        body,
      });
      const text = await answer.text();
      const isSettings = url?.includes("/settings") && answer.ok;
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(isSettings ? text.replace("{", '{"holograms":{"enable":true},') : text);
    });
  });
  await new Promise<void>((listening) => newer.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(newer.address() as AddressInfo).port}`;
  service = await startService([], credentials({ ...zoom, url }));
});

test.afterAll(async () => {
  await service?.stop();
  newer?.close();
  await zoom?.stop();
});

test("an operator sees health, budget, and what Zoom sends that the schema does not name", async ({ page }) => {
  await page.goto(`${service.url}?columns=inMeeting.waitingRoom`);
  await expect(page.locator(".topbar")).toBeVisible();
  const dialog = page.getByRole("dialog", { name: "The service and Zoom" });
  await expect(async () => {
    await page.getByRole("button", { name: "Service" }).click();
    await expect(dialog.getByText("All is well: Zoom answers, and takes calls.")).toBeVisible();
    await expect(dialog.getByRole("region", { name: "Budget" })).toBeVisible();
    const seen = dialog.getByRole("row").filter({ hasText: "holograms" });
    const shown = await seen.isVisible({ timeout: 1000 });
    if (!shown) await dialog.getByRole("button", { name: "Close" }).click();
    expect(shown).toBe(true);
    await expect(seen).toContainText("userSettings");
  }).toPass();
  await accessible(page);
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
});
