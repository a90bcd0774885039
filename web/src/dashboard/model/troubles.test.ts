// What the loader does when something goes wrong.

import { describe, expect, test, vi } from "vitest";
import type { Problem } from "./ask";
import { firstColumns, type Setting } from "./catalogue";
import { crowd, settingsOf, trouble } from "./fake";
import { Loader } from "./loader";
import { begin, board, eachTest, end, loader, service, states } from "./stage";

const [hostVideo, chat] = settingsOf("scheduleMeeting.hostVideo", "inMeeting.chat") as [Setting, Setting];

eachTest();

describe("the account's limit", () => {
  test("is waited for, as long as the service says, and nothing is given up", async () => {
    board.addPeople(crowd(100));
    let refusals = 20;
    service.fault = () =>
      refusals-- > 0
        ? { data: null, problems: [trouble("RATE_LIMITED", undefined, { retryAt: Date.now() + 5000 })] }
        : undefined;
    loader.setColumns([chat]);
    await vi.advanceTimersByTimeAsync(110);
    expect(states([chat]).limited).toBe(60);
    expect(loader.progress).toMatchObject({ state: "waiting", limited: 3, done: 0 });
    const asked = service.log.length;
    await vi.advanceTimersByTimeAsync(4500);
    expect(service.log).toHaveLength(asked); // nothing is sent meanwhile
    await end();
    expect(states([chat])).toEqual({ value: 100 });
    expect(loader.progress).toMatchObject({ state: "idle", done: 100, limited: 20, problems: [] });
  });

  test("of a part of the people holds up only these", async () => {
    board.addPeople(crowd(20));
    let first = true;
    service.fault = ({ ids }) => {
      if (!first) return undefined;
      first = false;
      const data = Object.fromEntries(
        ids.map((id, i) => [`u${i}`, { settings: i < 5 ? null : service.tree(id, [chat]) }]),
      );
      return { data, problems: ids.slice(0, 5).map((_, i) => trouble("RATE_LIMITED", [`u${i}`, "settings"])) };
    };
    loader.setColumns([chat]);
    await vi.advanceTimersByTimeAsync(150);
    expect(states([chat])).toEqual({ limited: 5, value: 15 });
    await end();
    expect(states([chat])).toEqual({ value: 20 });
    expect(service.log.map(({ ids }) => ids.length)).toEqual([20, 5]);
  });

  test("holds up lists as well", async () => {
    let refusals = 8;
    service.fault = ({ name }) =>
      name === "People" && refusals-- > 0 ? { data: null, problems: [trouble("RATE_LIMITED")] } : undefined;
    begin(30, [chat]);
    await end();
    expect(states([chat])).toEqual({ value: 30 });
  });
});

describe("without an answer", () => {
  test("it goes on when the service is back, however late", async () => {
    let gone = true;
    service.fault = () => (gone ? { data: null, problems: [trouble("OFFLINE")], zoom: {} } : undefined);
    begin(100, [chat]);
    await vi.advanceTimersByTimeAsync(20 * 60_000);
    expect(loader.progress).toMatchObject({ state: "waiting", waitsFor: { code: "OFFLINE" }, problems: [] });
    expect(service.log.length).toBeLessThan(120); // it asks ever more seldom
    gone = false;
    await end();
    expect(states([chat])).toEqual({ value: 100 });
    expect(loader.progress).toMatchObject({ state: "idle", problems: [] });
  });

  test("of Zoom’s for these only it gives up in time, cells say so, and resuming asks again", async () => {
    board.addPeople(crowd(2));
    const broken = () => ({ data: null, problems: [trouble("UPSTREAM_UNAVAILABLE")] });
    service.fault = broken;
    loader.setColumns([chat]);
    await vi.advanceTimersByTimeAsync(200);
    expect(states([chat])).toEqual({ loading: 2 });
    await end();
    expect(states([chat])).toEqual({ error: 2 });
    expect(service.log).toHaveLength(5);
    expect(loader.progress).toMatchObject({ state: "idle", done: 2, problems: [] });
    service.fault = () => undefined;
    loader.resume();
    await end();
    expect(states([chat])).toEqual({ value: 2 });
    expect(loader.progress).toMatchObject({ state: "idle", problems: [] });
  });

  test("for one person the others are not held up, and other columns are tried", async () => {
    board.addPeople(crowd(40));
    service.fault = ({ ids, settings }) => {
      const at = ids.indexOf("p7");
      if (at < 0 || settings[0] !== chat) return undefined;
      const data = Object.fromEntries(
        ids.map((id, i) => [`u${i}`, { settings: i === at ? null : service.tree(id, [chat]) }]),
      );
      return { data, problems: [trouble("UPSTREAM_TIMEOUT", [`u${at}`, "settings"])] };
    };
    loader.setColumns([chat]);
    await vi.advanceTimersByTimeAsync(250);
    expect(states([chat])).toEqual({ value: 39, loading: 1 });
    await end();
    expect(states([chat])).toEqual({ value: 39, error: 1 });
    loader.setColumns([hostVideo]);
    await end();
    expect(states([hostVideo])).toEqual({ value: 40 });
  });

  test("that is one, cells say so instead of being absent", async () => {
    board.addPeople(crowd(2));
    service.fault = () => ({ data: { u0: null, u1: { settings: null } } });
    loader.setColumns([chat]);
    await end();
    expect(states([chat])).toEqual({ error: 2 });
    service.fault = () => ({ data: null });
    loader.setColumns([hostVideo]);
    await end();
    expect(states([hostVideo])).toEqual({ error: 2 });
  });

  test("since this page has a fault", async () => {
    const broken = new Loader(board, () => Promise.reject(new Error("out of order")));
    board.addPeople(crowd(2));
    broken.setColumns([chat]);
    await end();
    expect(board.cell(1, chat.id)).toEqual({ state: "error", message: "a fault of this page: out of order" });
    expect(broken.progress.state).toBe("idle");
  });
});

describe("refused as a whole", () => {
  test.each(["UNAUTHENTICATED", "GRAPHQL_VALIDATION_FAILED", "FORBIDDEN", "PERSISTED_QUERY_NOT_FOUND"])(
    "%s in the middle stops everything, and resuming goes on",
    async (code) => {
      service.fault = ({ name }) =>
        name === "Cells" && service.named("Cells").length > 6 ? { data: null, problems: [trouble(code)] } : undefined;
      begin(1000, [chat]);
      await end();
      expect(loader.progress).toMatchObject({ state: "stopped", problems: [{ code }] });
      expect(service.named("Cells").length).toBeLessThan(12);
      const { value, unasked, ...others } = states([chat]);
      expect([value, others]).toEqual([expect.any(Number), {}]);
      service.fault = () => undefined;
      loader.resume();
      await end();
      expect(states([chat])).toEqual({ value: 1000 });
      expect(loader.progress).toMatchObject({ state: "idle", problems: [] });
    },
  );

  test.each(["SCOPE_MISSING", "UPSTREAM_AUTH_FAILED"])(
    "%s of anybody stops it before all are asked in vain",
    async (code) => {
      board.addPeople(crowd(1000));
      service.fault = ({ ids }) => ({
        data: Object.fromEntries(ids.map((_, i) => [`u${i}`, { settings: null }])),
        problems: ids.map((_, i) => trouble(code, [`u${i}`, "settings"], { status: 400 })),
      });
      loader.setColumns([chat]);
      await end();
      expect(service.log).toHaveLength(3);
      expect(loader.progress).toMatchObject({ state: "stopped", problems: [{ code }] });
      expect(states([chat])).toEqual({ error: 20, unasked: 980 });
    },
  );

  test.each([
    // The limit stays as it is; how long calls take does not, so that more is tried now and then.
    ["COST_LIMIT_EXCEEDED", {}, [3 + 6, 3 + 6]],
    ["RATE_LIMITED", { tooLong: true }, [3 + 6 + 1, 50]],
  ])("%s is asked for in smaller parts", async (code, more: Partial<Problem>, [least, most]) => {
    board.addPeople(crowd(400));
    service.fault = ({ ids }) =>
      ids.length > 7 ? { data: null, problems: [trouble(code, undefined, more)], zoom: {} } : undefined;
    loader.setColumns([chat]);
    await end();
    expect(states([chat])).toEqual({ value: 400 });
    expect(loader.progress).toMatchObject({ state: "idle", limited: 0, problems: [] });
    const refused = service.log.filter(({ ids }) => ids.length > 7).length;
    expect(refused).toBeGreaterThanOrEqual(least as number);
    expect(refused).toBeLessThanOrEqual(most as number);
  });

  test("a limit that allows nobody is an end", async () => {
    board.addPeople(crowd(40));
    service.fault = () => ({ data: null, problems: [trouble("COST_LIMIT_EXCEEDED")], zoom: {} });
    loader.setColumns([chat]);
    await end();
    expect(loader.progress).toMatchObject({ state: "stopped", problems: [{ code: "COST_LIMIT_EXCEEDED" }] });
    expect(states([chat])).toEqual({ unasked: 40 });
  });

  test.each(["SCOPE_MISSING", "FORBIDDEN"])("a person who may list nobody sees themselves: %s", async (code) => {
    const personal = new Loader(board, service.ask, Date.now, true);
    service.people = crowd(3);
    service.fault = ({ name }) => (name === "People" ? { data: null, problems: [trouble(code)] } : undefined);
    personal.setColumns([chat]);
    void personal.start(["ACTIVE", "INACTIVE"]);
    await end();
    expect(board.people.map(({ id }) => id)).toEqual(["p0"]);
    expect(personal.alone).toBe(true);
    expect(personal.progress).toMatchObject({ state: "idle", done: 1, problems: [] });
    expect(service.named("Cells").flatMap(({ ids }) => ids)).toEqual(["p0"]);
  });

  test("a person of whom nothing is told either is not taken for an empty account", async () => {
    const personal = new Loader(board, service.ask, Date.now, true);
    service.fault = ({ name }) =>
      name === "People" || name === "Me" ? { data: null, problems: [trouble("FORBIDDEN")] } : undefined;
    personal.setColumns([chat]);
    void personal.start(["ACTIVE"]);
    await end();
    expect([personal.alone, personal.isListed(["ACTIVE"])]).toEqual([false, false]);
    expect(personal.progress.problems).toMatchObject([{ code: "FORBIDDEN" }]);
  });

  test("who is not a person is told that they may list nobody", async () => {
    service.fault = ({ name }) => (name === "People" ? { data: null, problems: [trouble("FORBIDDEN")] } : undefined);
    begin(3, [chat]);
    await end();
    expect(loader.alone).toBe(false);
    expect(service.named("Me")).toEqual([]);
    expect(loader.progress.problems).toMatchObject([{ code: "FORBIDDEN" }]);
  });

  test.each(["SCOPE_MISSING", "NOT_FOUND"])("a list: %s is said", async (code) => {
    service.fault = ({ name }) => (name === "People" ? { data: null, problems: [trouble(code)] } : undefined);
    begin(10, [chat]);
    await end();
    expect(loader.progress.problems).toMatchObject([{ code }]);
    service.fault = () => undefined;
    await Promise.all([loader.start(["ACTIVE"]), end()]);
    expect(states([chat])).toEqual({ value: 10 });
  });

  test.each<[string, string[]]>([
    ["SCOPE_MISSING", []], // told by who hears all answers
    ["FORBIDDEN", ["the names of groups cannot be read: forbidden", "the names of roles cannot be read: forbidden"]],
    ["NOT_FOUND", ["the names of groups cannot be read: not_found", "the names of roles cannot be read: not_found"]],
  ])("names of groups and roles: %s is said, and people are read all the same", async (code, messages) => {
    service.fault = ({ name }) =>
      name === "Groups" || name === "Roles" ? { data: null, problems: [trouble(code)] } : undefined;
    begin(3, [chat]);
    await end();
    expect(states([chat])).toEqual({ value: 3 });
    expect(loader.progress.problems.map(({ message }) => message)).toEqual(messages);
    expect(loader.progress.state).toBe("idle");
  });

  test("a list that breaks off says that not everybody is there", async () => {
    service.page = 10;
    service.fault = ({ variables }) =>
      variables.after === "20" ? { data: null, problems: [trouble("FORBIDDEN")] } : undefined;
    begin(50, [chat]);
    await end();
    expect(loader.progress.problems.map(({ message }) => message)).toEqual([
      "not everybody could be listed: forbidden",
    ]);
    expect([loader.isListed(["ACTIVE"]), board.people.length]).toEqual([false, 20]);
    service.fault = () => undefined;
    loader.resume();
    await end();
    expect([loader.isListed(["ACTIVE"]), board.people.length]).toEqual([true, 50]);
  });

  test("a cursor that is forgotten begins the list again", async () => {
    service.page = 10;
    let once = true;
    service.fault = ({ variables }) => {
      if (variables.after !== "20" || !once) return undefined;
      once = false;
      return { data: null, problems: [trouble("CURSOR_EXPIRED")] };
    };
    begin(50, [chat]);
    await end();
    expect(board.people).toHaveLength(50);
    expect(states([chat])).toEqual({ value: 50 });
  });

  test("a list that says there is more, and not where, ends", async () => {
    service.fault = ({ name }) =>
      name === "People"
        ? { data: { users: { nodes: [], pageInfo: { hasNextPage: true, endCursor: null } } } }
        : undefined;
    begin(10, [chat]);
    await end();
    expect(service.named("People")).toHaveLength(1);
  });

  const page = (from: number, endCursor: string) => ({
    data: {
      users: {
        nodes: crowd(from + 2)
          .slice(from)
          .map(({ name, ...rest }) => ({ ...rest, displayName: name })),
        pageInfo: { hasNextPage: true, endCursor },
      },
    },
  });

  test.each([
    ["leads back to the same page", (n: number) => page(2 * n, "same"), 2],
    ["leads in a circle", (n: number) => page(2 * n, ["A", "B", "C"][n % 3] ?? ""), 4],
    ["brings the same people", (n: number) => page(0, `cursor ${n}`), 2],
  ])("a list that %s ends, and says so", async (_, answer, pages) => {
    let n = 0;
    service.fault = ({ name }) => (name === "People" ? answer(n++) : undefined);
    begin(10, [chat]);
    await end();
    expect(n).toBe(pages);
    expect(loader.progress.problems).toMatchObject([{ code: "UPSTREAM_INVALID_RESPONSE" }]);
    expect(board.people.length).toBe(new Set(board.people.map(({ id }) => id)).size);
  });

  test("a list that breaks off keeps who came, and says why", async () => {
    service.page = 5;
    service.fault = ({ name }) =>
      name === "People" ? { ...page(0, "A"), problems: [trouble("UPSTREAM_INVALID_RESPONSE", ["users"])] } : undefined;
    begin(10, [chat]);
    await end();
    expect(service.named("People")).toHaveLength(1);
    expect(board.people).toHaveLength(2);
    expect(loader.progress.problems).toMatchObject([{ code: "UPSTREAM_INVALID_RESPONSE" }]);
  });

  test("a list that breaks off for a moment goes on", async () => {
    service.page = 5;
    service.fault = ({ name, variables }) =>
      name === "People" && !variables.after
        ? { ...page(0, "2"), problems: [trouble("RATE_LIMITED", ["users"])] }
        : undefined;
    begin(10, [chat]);
    await end();
    expect(board.people).toHaveLength(10);
    expect(loader.progress.problems).toEqual([]);
  });
});

describe("an answer with more to tell than it has room for", () => {
  const audio = settingsOf("scheduleMeeting.audioType")[0] as Setting;

  test("is asked for again in parts: an unknown value is never absent", async () => {
    const columns = firstColumns
      .filter(({ kind }) => kind === "ENUM")
      .slice(0, 1)
      .concat(firstColumns.slice(0, 8));
    const wanted = [...new Set([audio, ...columns])];
    service.people = crowd(20);
    service.value = () => null;
    service.fault = ({ ids, settings }) => ({
      zoom: {
        absent: ids
          .flatMap((_, i) =>
            settings.map((setting) => ({
              path: [`u${i}`, "settings", ...setting.path],
              reason: setting === audio ? "UNKNOWN_VALUE" : "NOT_IN_RESPONSE",
            })),
          )
          .slice(0, 100),
      },
    });
    loader.setColumns(wanted);
    await Promise.all([loader.reload(["ACTIVE"]), end()]);
    expect(states([audio])).toEqual({ unknown: 20 });
    expect(states(wanted.filter((setting) => setting !== audio))).toEqual({ absent: 20 * (wanted.length - 1) });
    // Zoom is asked anew once: the service knows what is looked at again.
    const [first, ...checks] = service.named("Cells");
    expect(first?.headers).toEqual({ "Cache-Control": "no-cache" });
    expect(checks.map(({ headers }) => headers)).toEqual(checks.map(() => ({})));
    expect(checks.length).toBeGreaterThan(0);
  });

  test("of problems ends with an error where even one person has too many", async () => {
    board.addPeople(crowd(3));
    service.fault = () => ({
      data: { u0: { settings: null } },
      problems: [trouble("INTERNAL", undefined, { leftOut: 5 })],
    });
    loader.setColumns([chat]);
    await end();
    expect(states([chat])).toEqual({ error: 3 });
    expect(board.cell(0, chat.id)?.message).toMatch(/more is wrong/);
  });
});
