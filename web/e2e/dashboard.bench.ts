import { readFileSync } from "node:fs";
import { test } from "./page";
import { credentials, startService, startZoom } from "./service";

// What the dashboard takes, as figures to look at: `make bench-console` prints them. They depend on the machine, so
// nothing passes or fails by them.

test.use({ trace: "off" });

const catalogue: { id: string; view?: string }[] = JSON.parse(
  readFileSync(new URL("../src/gql/catalogue.json", import.meta.url), "utf8"),
);

test("first paint, and 500 people on screen", async ({ page }) => {
  const service = await startService();
  try {
    await page.goto(service.url); // what is served once is in the browser's cache afterwards
    const rounds: string[] = [];
    for (let round = 0; round < 5; round++) {
      const start = Date.now();
      await page.goto(service.url);
      await page.locator(".progress .state", { hasText: "500 people ·" }).waitFor();
      const done = Date.now() - start;
      const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
      rounds.push(`${Math.round(paint ?? 0)} ms, all cells ${done} ms`);
    }
    console.log(`first paint: ${rounds.join("; ")}`);
  } finally {
    await service.stop();
  }
});

test("scrolling 5,000 people and 40 settings", async ({ page }) => {
  const zoom = await startZoom(["--users", "5000"]);
  const service = await startService(["--zoom-rate", "off"], credentials(zoom));
  try {
    const columns = catalogue.filter((s) => !s.view && s.id.split(".").length === 2).slice(0, 40);
    await page.goto(`${service.url}/?columns=${columns.map((s) => s.id).join(",")}`);
    await page.locator(".progress .state", { hasText: "5000 people ·" }).waitFor({ timeout: 50_000 });
    const frames = await page.evaluate(async () => {
      const scroller = document.querySelector(".scroller");
      if (!scroller) throw new Error("no scroller");
      const times: number[] = [];
      for (let at = 0; times.length < 180; at += 60) {
        scroller.scrollTo((at / 20) % 400, at);
        times.push(await new Promise<number>(requestAnimationFrame));
      }
      return ((times.length - 1) * 1000) / ((times.at(-1) ?? 0) - (times[0] ?? 0));
    });
    console.log(`scrolling: ${frames.toFixed(1)} frames a second`);
  } finally {
    await service.stop();
    await zoom.stop();
  }
});
