import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

// The tests start the service themselves (e2e/service.ts), each file its own, so that none sees what another one wrote.
const browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);

export default defineConfig({
  testDir: "e2e",
  outputDir: "e2e/results",
  fullyParallel: false,
  workers: process.env.BENCH ? 1 : 3,
  forbidOnly: Boolean(process.env.CI),
  // CI's machine is shared: what fails there once and then passes is told as flaky, and fails nothing.
  retries: process.env.CI ? 1 : 0,
  // Long, so that a slow machine makes no test red.
  timeout: 180_000,
  expect: { timeout: 45_000 },
  reporter: [["list"]],
  // Pages keep a processor busy, and troubles mostly wait: for answers at the pace of a rate limit, and for something to be
  // noticed. So one file of pages runs at a time, and beside it two tests of troubles.
  projects: process.env.BENCH
    ? [{ name: "bench", testMatch: "*.bench.ts" }]
    : [
        { name: "pages", testMatch: "*.spec.ts", testIgnore: "troubles.spec.ts", workers: 1 },
        { name: "troubles", testMatch: "troubles.spec.ts", fullyParallel: true, workers: 2 },
      ],
  use: {
    viewport: { width: 1280, height: 800 },
    trace: process.env.CI ? "on-first-retry" : "retain-on-failure", // a trace takes time, also of what passes
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? browser,
      args: [
        "--headless=new",
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-quic",
      ],
    },
  },
});
