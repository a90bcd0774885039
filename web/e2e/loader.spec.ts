import { expect, test } from "@playwright/test";
import { asker } from "../src/dashboard/model/ask";
import { Board } from "../src/dashboard/model/board";
import { firstColumns } from "../src/dashboard/model/catalogue";
import { Loader } from "../src/dashboard/model/loader";
import { callsSince, credentials, startService, startZoom } from "./service";

// The dashboard's loader against the service, within the limit of an account of Zoom's; no page is needed.

test("500 people × 12 settings come within the account's limit, each with one call", async () => {
  const zoom = await startZoom(["--users", "500", "--rps", "MEDIUM=60", "--latency", "50ms"]);
  // A little below the limit, for a busy machine on which calls bunch up.
  const service = await startService(["--zoom-rate", "medium=60", "--zoom-share", "0.95"], credentials(zoom));
  try {
    const board = new Board((tell) => setTimeout(tell, 16));
    const loader = new Loader(
      board,
      asker(service.url, () => ({})),
    );
    loader.setColumns(firstColumns);
    const started = Date.now();
    const seen = new Set<string>(); // states of the progress
    const idle = new Promise<void>((done) => {
      board.subscribe(() => {
        seen.add(loader.progress.state);
        if (loader.progress.state === "idle") done();
      });
    });
    await loader.start(["ACTIVE"]);
    await idle;
    const seconds = (Date.now() - started) / 1000;

    expect(board.people).toHaveLength(500);
    const states = new Map<string, number>();
    for (const { id } of firstColumns) {
      for (const row of board.people.keys()) {
        const state = board.cell(row, id)?.state ?? "unasked";
        states.set(state, (states.get(state) ?? 0) + 1);
      }
    }
    expect([...states.keys()].sort()).toEqual(["value"]);
    expect(states.get("value")).toBe(500 * firstColumns.length);
    expect(loader.progress).toMatchObject({ done: 500, expected: 500, limited: 0, problems: [] });
    expect([...seen]).toContain("cells");

    const calls = await callsSince(zoom, 0);
    const settings = calls.filter(({ path }) => path.endsWith("/settings"));
    const refused = calls.filter(({ status }) => status === 429).length;
    const failed = calls.filter(({ status }) => status >= 300 && status !== 429);
    expect(failed).toEqual([]);
    expect(settings.length - refused).toBeLessThanOrEqual(500);
    expect(refused).toBeLessThanOrEqual(2);
    // Besides: two pages of people, the groups, the roles, and the token.
    expect(calls.length - settings.length).toBeLessThanOrEqual(5);
    expect(loader.progress.calls).toBe(calls.filter(({ path }) => !path.includes("/oauth/")).length);
    console.log(`${seconds} s, ${calls.length} calls, ${refused} refused`);
  } finally {
    await service.stop();
    await zoom.stop();
  }
});
