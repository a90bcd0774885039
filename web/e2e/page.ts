import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";
import type { Started } from "./service";

// What holds for every page in every test: nothing is written to the console as an error, nothing is asked of another
// host, and nothing breaks the page's policy.

// Where a test takes the service away, `expected` names the errors that the browser writes of that.

export const test = base.extend<{ page: Page; expected: RegExp | undefined }>({
  expected: [undefined, { option: true }],
  page: async ({ page, expected }, use) => {
    const wrong: string[] = [];
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) =>
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`),
      );
    });
    page.on("console", (message) => {
      if (message.type() === "error" && !expected?.test(message.text())) wrong.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
    page.on("request", (request) => {
      const url = new URL(request.url());
      const own = url.protocol === "data:" || url.protocol === "blob:" || url.origin === new URL(page.url()).origin;
      if (page.url() !== "about:blank" && !own && !request.isNavigationRequest())
        wrong.push(`outside: ${request.url()}`);
    });
    await use(page);
    expect(wrong, "what went wrong in the page").toEqual([]);
  },
});

/** Ends services once the page has left them: it would miss them otherwise, and the browser would write errors of that. */
export async function leave(page: Page, ...services: Started[]): Promise<void> {
  await page.goto("about:blank");
  for (const service of services) await service.stop();
}

/** No serious finding of axe's. */
export async function accessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  await page.bringToFront(); // axe has opened another page, behind which this one counts as hidden
  const serious = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
  expect(serious.map((v) => `${v.id}: ${v.help} (${v.nodes.map((n) => n.target).join("; ")})`)).toEqual([]);
}

export { expect };
