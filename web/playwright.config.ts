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
  workers: process.env.BENCH ? 1 : 2,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  timeout: 60_000,
  reporter: [["list"]],
  // The dashboard's tests count what goes to Zoom in a second, so they have the machine to themselves.
  projects: process.env.BENCH
    ? [{ name: "bench", testMatch: "*.bench.ts" }]
    : [
        { name: "dashboard", testMatch: "dashboard.spec.ts" },
        { name: "others", testMatch: "*.spec.ts", testIgnore: "dashboard.spec.ts", dependencies: ["dashboard"] },
      ],
  use: {
    viewport: { width: 1280, height: 800 },
    trace: "retain-on-failure",
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
