import { gql } from "@urql/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Answer, Ask, Problem } from "./ask";
import { crowd, settingsOf, statesOf, trouble } from "./fake";
import { Health } from "./health";
import { Loader } from "./loader";
import { board, eachTest, service } from "./stage";

const answered: Answer<unknown> = {
  data: {},
  problems: [],
  zoom: { cost: { calls: 1, cached: 0, coalesced: 0, waitedMs: 0, byLabel: {} } },
};
const known: Answer<unknown> = {
  ...answered,
  zoom: { cost: { calls: 0, cached: 1, coalesced: 0, waitedMs: 0, byLabel: {} } },
};
const failed = (code: string, more: Partial<Problem> = {}): Answer<unknown> => ({
  ...answered,
  data: null,
  problems: [trouble(code, undefined, more)],
});

describe("trouble", () => {
  let now: Answer<unknown>;
  /** How Zoom and the service answer a probe; undefined: not at all. */
  let zoom: Answer<unknown> | undefined;
  let alive: Answer<unknown> | undefined;
  let probes: number;
  let hidden: boolean;
  let told: number;
  let health: Health;

  const never = (signal: AbortSignal) =>
    new Promise<Answer<unknown>>((done) => signal.addEventListener("abort", () => done(failed("STOPPED"))));
  const people = gql("query People { a }");
  const hear = async (answer: Answer<unknown>, document = people) => {
    now = answer;
    await health.ask(document, {});
  };
  const kind = () => health.trouble?.kind;

  beforeEach(() => {
    vi.useFakeTimers();
    [zoom, alive, probes, hidden, told] = [answered, answered, 0, false, 0];
    health = new Health(
      (async () => now) as Ask,
      {
        zoom: async (_, signal) => {
          probes++;
          return zoom ?? never(signal);
        },
        service: async (_, signal) => alive ?? never(signal),
      },
      () => told++,
      Date.now,
      () => hidden,
    );
    health.watch();
  });

  afterEach(() => {
    health.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  test.each<[string, Answer<unknown>, string]>([
    ["the service does not answer", failed("OFFLINE"), "service"],
    ["the service does not know who asks", failed("UNAUTHENTICATED"), "caller"],
    ["Zoom refuses the credentials", failed("UPSTREAM_AUTH_FAILED", { status: 400 }), "credentials"],
    ["the account's day is used up", failed("RATE_LIMITED", { retryAt: Date.now() + 1e9 }), "limit"],
  ])("begins and ends with an answer: %s", async (_, wrong, is) => {
    expect(kind()).toBeUndefined();
    zoom = wrong;
    await hear(wrong);
    expect([kind(), told]).toEqual([is, 1]);
    await hear(wrong);
    expect(told).toBe(1);
    await hear(answered);
    expect([kind(), told, health.recoveries]).toEqual([undefined, 2, 1]);
  });

  test.each<[string, Answer<unknown>]>([
    ["an answer that was known", known],
    ["an account's limit for a moment", failed("RATE_LIMITED", { retryAt: Date.now() + 5000 })],
    ["what somebody stopped", failed("STOPPED")],
    ["a person who is not there", failed("NOT_FOUND")],
    ["a single value that does not fit", failed("UPSTREAM_INVALID_RESPONSE")],
  ])("is none: %s", async (_, answer) => {
    await hear(answer);
    expect(kind()).toBeUndefined();
  });

  test("is not ended by what was known, nor by what the service answers alone", async () => {
    zoom = failed("UPSTREAM_AUTH_FAILED", { status: 400 });
    await hear(zoom);
    await hear(known);
    expect(kind()).toBe("credentials");
  });

  test.each(["UPSTREAM_UNAVAILABLE", "UPSTREAM_TIMEOUT", "UPSTREAM_AUTH_FAILED"])(
    "of one question is told from one of all by asking another: %s",
    async (code) => {
      await hear(failed(code));
      expect(kind()).toBeUndefined();
      await vi.advanceTimersByTimeAsync(10);
      expect([probes, kind()]).toEqual([1, undefined]); // Zoom answers others
      zoom = failed(code);
      await hear(failed(code));
      await vi.advanceTimersByTimeAsync(2000);
      expect(kind()).toBe("zoom");
    },
  );

  test("that begins when nobody does anything is seen, and its end as well", async () => {
    zoom = failed("UPSTREAM_UNAVAILABLE");
    await vi.advanceTimersByTimeAsync(14_000);
    expect([probes, kind()]).toEqual([0, undefined]);
    await vi.advanceTimersByTimeAsync(1100);
    expect([probes, kind()]).toEqual([1, "zoom"]);
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(probes).toBeLessThan(45); // a call in 15 s
    zoom = answered;
    await vi.advanceTimersByTimeAsync(15_000);
    expect([kind(), health.recoveries]).toEqual([undefined, 1]);
  });

  test("is looked at again, however often the service answers by itself", async () => {
    zoom = failed("UPSTREAM_UNAVAILABLE");
    await vi.advanceTimersByTimeAsync(15_100);
    expect(kind()).toBe("zoom");
    zoom = answered;
    for (let second = 0; second < 16; second++) {
      await hear(known);
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(kind()).toBeUndefined();
  });

  test("is not looked for while answers come, nor while nobody sees the page", async () => {
    for (let second = 0; second < 60; second++) {
      await hear(answered);
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(probes).toBe(0);
    hidden = true;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(probes).toBe(0);
    hidden = false;
    zoom = failed("UPSTREAM_UNAVAILABLE");
    health.look();
    await vi.advanceTimersByTimeAsync(1);
    expect([probes, kind()]).toEqual([1, "zoom"]);
  });

  test.each<[string, boolean, string]>([
    ["Zoom", true, "zoom"],
    ["the service", false, "service"],
  ])("is whose answer never comes: %s", async (_, serviceAnswers, is) => {
    zoom = undefined;
    if (!serviceAnswers) alive = undefined;
    await vi.advanceTimersByTimeAsync(15_000 + 8000 + 8001);
    expect(kind()).toBe(is);
  });

  test("is not that a probe waits for its turn while others are answered", async () => {
    zoom = undefined;
    await vi.advanceTimersByTimeAsync(15_100);
    expect(probes).toBe(1);
    await hear(answered);
    await vi.advanceTimersByTimeAsync(9000);
    expect(kind()).toBeUndefined();
  });

  test("of an unknown caller is not asked about again and again", async () => {
    await hear(failed("UNAUTHENTICATED"));
    await vi.advanceTimersByTimeAsync(600_000);
    expect(probes).toBe(0);
  });

  test("the nearest is told first", async () => {
    zoom = failed("UPSTREAM_AUTH_FAILED", { status: 400 });
    await hear(zoom);
    await hear(failed("OFFLINE"));
    expect(kind()).toBe("service");
    await hear(known);
    expect(kind()).toBe("credentials");
  });

  test("scopes are missing until the same operation is answered", async () => {
    const groups = gql("query Groups { a }");
    await hear(failed("SCOPE_MISSING", { missingScopes: ["group:read:admin"] }), groups);
    expect([...health.missing]).toEqual([["Groups", ["group:read:admin"]]]);
    await hear(answered);
    expect(health.missing.size).toBe(1);
    await hear(answered, groups);
    expect(health.missing.size).toBe(0);
    expect(kind()).toBeUndefined();
  });

  test("a write that a person's own limit refuses is no trouble of the account", async () => {
    await hear(failed("RATE_LIMITED", { retryAt: Date.now() + 1e9 }), gql("mutation Change { a }"));
    expect(kind()).toBeUndefined();
  });
});

describe("a loader with health", () => {
  eachTest();
  const columns = settingsOf("inMeeting.chat");
  let health: Health;
  let watched: Loader;

  beforeEach(() => {
    health = new Health(
      service.ask,
      {
        zoom: (ask) =>
          ask(gql("query People($status: String, $first: Int) { users(status: $status, first: $first) { a } }"), {
            status: "ACTIVE",
            first: 1,
          }),
        service: (ask) => ask(gql("query Viewer { viewer { name } }"), {}),
      },
      () => {},
      Date.now,
      () => false,
    );
    watched = new Loader(board, health.ask, Date.now, false, health);
    health.watch(() => watched.recover());
    service.people = crowd(60);
    watched.setColumns(columns);
  });

  afterEach(() => health.close());

  const out = (code: string) => () => ({
    data: null,
    problems: [trouble(code, undefined, { operation: "users", status: 400 })],
  });

  test.each(["UPSTREAM_UNAVAILABLE", "UPSTREAM_INVALID_RESPONSE", "OFFLINE"])(
    "waits while nothing is answered, however long, gives nothing up, and goes on when it is: %s",
    async (code) => {
      let calls = 0;
      service.fault = ({ name }) => (name === "Cells" && ++calls > 1 ? out(code)() : undefined);
      void watched.start(["ACTIVE"]);
      await vi.advanceTimersByTimeAsync(300);
      service.fault = out(code);
      await vi.advanceTimersByTimeAsync(20 * 60_000);
      expect(statesOf(board, columns)).toEqual({ value: 20, loading: 40 });
      expect(watched.progress).toMatchObject({ state: "waiting", problems: [] });
      expect(health.trouble?.kind).toBe(code === "OFFLINE" ? "service" : "zoom");
      const asked = service.named("Cells").length;
      while (service.named("Cells").length === asked) await vi.advanceTimersByTimeAsync(100);
      await vi.advanceTimersByTimeAsync(200); // its own pause begins, which is a minute by now
      service.fault = () => undefined;
      await vi.advanceTimersByTimeAsync(17_000);
      expect(health.trouble).toBeUndefined();
      expect(statesOf(board, columns)).toEqual({ value: 60 });
      expect(watched.progress).toMatchObject({ state: "idle", done: 60, problems: [] });
      health.close();
    },
  );

  test("lists people when the credentials are accepted", async () => {
    service.fault = out("UPSTREAM_AUTH_FAILED");
    void watched.start(["ACTIVE"]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(watched.progress.state).toBe("stopped");
    expect(health.trouble?.kind).toBe("credentials");
    expect(service.log.length).toBeLessThan(20);
    service.fault = () => undefined;
    await vi.advanceTimersByTimeAsync(17_000);
    expect(statesOf(board, columns)).toEqual({ value: 60 });
    expect([health.trouble, watched.progress.state]).toEqual([undefined, "idle"]);
    health.close();
  });

  test("gives up on a person whom alone Zoom does not answer about", async () => {
    service.fault = ({ ids }) => {
      const at = ids.indexOf("p7");
      if (at < 0) return undefined;
      const data = Object.fromEntries(
        ids.map((id, i) => [`u${i}`, { settings: i === at ? null : service.tree(id, columns) }]),
      );
      return { data, problems: [trouble("UPSTREAM_TIMEOUT", [`u${at}`, "settings"])] };
    };
    void watched.start(["ACTIVE"]);
    await vi.advanceTimersByTimeAsync(90_000);
    expect(statesOf(board, columns)).toEqual({ value: 59, error: 1 });
    expect(health.trouble).toBeUndefined();
    health.close();
  });

  test("what somebody cancelled stays so when a trouble is over", async () => {
    service.fault = out("UPSTREAM_UNAVAILABLE");
    void watched.start(["ACTIVE"]);
    await vi.advanceTimersByTimeAsync(10_000);
    watched.cancel();
    service.fault = () => undefined;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(health.trouble).toBeUndefined();
    expect([watched.progress.state, board.people.length]).toEqual(["cancelled", 0]);
    health.close();
  });
});
