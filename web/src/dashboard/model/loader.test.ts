import { describe, expect, test, vi } from "vitest";
import { firstColumns, type Setting } from "./catalogue";
import { crowd, settingsOf, trouble } from "./fake";
import { begin, board, eachTest, end, loader, service, states } from "./stage";

const [hostVideo, chat, security] = settingsOf(
  "scheduleMeeting.hostVideo",
  "inMeeting.chat",
  "meetingSecurity.autoSecurity",
) as [Setting, Setting, Setting];

eachTest();

describe("all that is wanted", () => {
  test("is read, page by page, twenty people a request and three requests at a time", async () => {
    begin(650, firstColumns);
    await end();
    expect(states(firstColumns)).toEqual({ value: 650 * firstColumns.length });
    expect(service.named("People")).toHaveLength(3);
    const cells = service.named("Cells");
    expect(cells.length).toBeLessThanOrEqual(650 / 20 + 3);
    expect(Math.max(...cells.map(({ ids }) => ids.length))).toBe(20);
    expect(new Set(cells.flatMap(({ ids }) => ids)).size).toBe(cells.flatMap(({ ids }) => ids).length);
    expect(Math.max(...cells.map(({ together }) => together))).toBeLessThanOrEqual(3 + 3); // and the lists
    expect(loader.progress).toMatchObject({ state: "idle", done: 650, expected: 650, limited: 0, problems: [] });
    expect(loader.progress).toMatchObject({ calls: 650 + 3 + 2, left: undefined });
  });

  test("begins with what is in sight, and rows that are gone do no harm", async () => {
    board.addPeople(crowd(100));
    loader.see([99, 98, 4711, 97]);
    loader.setColumns([chat]);
    expect(service.log[0]?.ids.slice(0, 4)).toEqual(["p99", "p98", "p97", "p0"]);
    await end();
    expect(states([chat])).toEqual({ value: 100 });
  });

  test("is told as it goes on", async () => {
    service.people = crowd(200);
    board.addPeople(crowd(200));
    loader.setColumns([chat, security]); // two views: two calls a person
    expect(loader.progress).toMatchObject({ state: "cells", done: 0, expected: 200 });
    await vi.advanceTimersByTimeAsync(100);
    expect(loader.progress).toMatchObject({ state: "cells", done: 60, calls: 60, rate: 60 });
    expect(loader.progress.left).toBeCloseTo((140 * 2) / 60);
    await end();
    expect(loader.progress).toMatchObject({ state: "idle", done: 200, left: undefined });
  });

  test("leaves out whose invitation is pending", async () => {
    service.people = [...crowd(3), ...crowd(2, "PENDING", "q")];
    loader.setColumns([chat]);
    await Promise.all([loader.start(["ACTIVE", "PENDING"]), end()]);
    expect(states([chat])).toEqual({ value: 3, pending: 2 });
    expect(service.named("Cells").flatMap(({ ids }) => ids)).toEqual(["p0", "p1", "p2"]);
    expect(loader.progress).toMatchObject({ state: "idle", done: 5, expected: 5 });
  });

  test("is listed once a status, however often it is wanted", async () => {
    begin(10, [chat]);
    void loader.start(["ACTIVE"]);
    await end();
    await loader.start(["ACTIVE"]);
    expect(service.named("People")).toHaveLength(1);
  });
});

describe("other columns", () => {
  test("while these are loading", async () => {
    board.addPeople(crowd(100));
    loader.setColumns([chat]);
    await vi.advanceTimersByTimeAsync(50);
    loader.setColumns([hostVideo, chat]);
    await end();
    expect(states([hostVideo, chat])).toEqual({ value: 200 });
    const asked = service
      .named("Cells")
      .flatMap(({ ids, settings }) => ids.flatMap((id) => settings.map((s) => id + s.id)));
    expect(new Set(asked).size).toBe(asked.length); // nothing twice
    expect(loader.progress).toMatchObject({ state: "idle", done: 100 });
  });

  test("in place of these, cancelled, and back again: no cell stays loading", async () => {
    board.addPeople(crowd(100));
    loader.setColumns([chat]);
    await vi.advanceTimersByTimeAsync(50);
    loader.setColumns([hostVideo]);
    loader.cancel();
    expect(states([chat, hostVideo])).toEqual({ unasked: 200 });
    loader.setColumns([chat]);
    loader.resume();
    await end();
    expect(states([chat])).toEqual({ value: 100 });
  });

  test("are found though many rows in front lack other ones", async () => {
    board.addPeople(crowd(900));
    for (let row = 0; row < 900; row += 2) board.setCell(row, chat.id, { state: "value", value: true });
    loader.setColumns([hostVideo, chat]);
    await end();
    expect(states([hostVideo, chat])).toEqual({ value: 1800 });
    expect(service.log.length).toBeLessThanOrEqual(900 / 20 + 2);
  });
});

describe("cancelling", () => {
  test("keeps what came, and resuming goes on with people and cells", async () => {
    service.page = 100;
    begin(500, [chat]);
    await vi.advanceTimersByTimeAsync(250);
    loader.cancel();
    const before = states([chat]);
    expect(before.value).toBeGreaterThan(0);
    expect(before.loading).toBeUndefined();
    expect(board.people.length).toBeLessThan(500);
    await end();
    expect(loader.progress.state).toBe("cancelled");
    expect(states([chat])).toEqual(before);
    loader.resume();
    await end();
    expect(states([chat])).toEqual({ value: 500 });
    expect(service.named("People").map(({ variables }) => variables.after)).toEqual(
      expect.arrayContaining([null, "100", "200", "300", "400"]),
    );
    expect(loader.progress).toMatchObject({ state: "idle", done: 500, expected: 500 });
  });

  test("and resuming at once leaves nothing behind", async () => {
    service.page = 20;
    begin(100, [chat]);
    await vi.advanceTimersByTimeAsync(150);
    for (let i = 0; i < 5; i++) {
      loader.cancel();
      loader.resume();
    }
    await end();
    expect(states([chat])).toEqual({ value: 100 });
    expect(loader.progress.state).toBe("idle");
  });

  test("while it waits for the limit takes the limited cells back", async () => {
    board.addPeople(crowd(20));
    let limited = true;
    service.fault = () => (limited ? { data: null, problems: [trouble("RATE_LIMITED")] } : undefined);
    loader.setColumns([chat]);
    await vi.advanceTimersByTimeAsync(200);
    expect(loader.progress.state).toBe("waiting");
    expect(states([chat])).toEqual({ limited: 20 });
    loader.cancel();
    expect(states([chat])).toEqual({ unasked: 20 });
    limited = false;
    loader.resume();
    await end();
    expect(states([chat])).toEqual({ value: 20 });
  });

  test("and reloading reads everything anew, past what the service knows", async () => {
    begin(50, [chat]);
    await end();
    service.value = () => false;
    const before = service.log.length;
    await Promise.all([loader.reload(["ACTIVE"]), end()]);
    expect(states([chat])).toEqual({ value: 50 });
    expect(board.cell(49, chat.id)?.value).toBe(false);
    for (const { name, headers } of service.log.slice(before)) {
      if (name === "Cells" || name === "People") expect(headers).toEqual({ "Cache-Control": "no-cache" });
    }
    loader.setColumns([chat, hostVideo]);
    await end();
    expect(service.log.at(-1)?.headers).toEqual({});
  });
});

describe("refreshing", () => {
  test("a row that is loading wins over the answer that was asked for before", async () => {
    board.addPeople(crowd(5));
    service.value = () => "old";
    loader.setColumns([chat]);
    await vi.advanceTimersByTimeAsync(50);
    service.latency = 10;
    service.fault = ({ ids }) =>
      ids.length === 1 ? { data: { u0: { settings: { inMeeting: { chat: "new" } } } } } : undefined;
    loader.refresh(3, [chat]);
    await vi.advanceTimersByTimeAsync(20);
    expect(board.cell(3, chat.id)?.value).toBe("new");
    await end();
    expect([3, 4].map((row) => board.cell(row, chat.id)?.value)).toEqual(["new", "old"]);
  });

  test("what this window wrote while it was read stays as it was stored", async () => {
    board.addPeople(crowd(5));
    service.value = () => false;
    loader.setColumns([chat]);
    await vi.advanceTimersByTimeAsync(50);
    board.setCell(2, chat.id, { state: "value", value: true });
    await end();
    expect([1, 2].map((row) => board.cell(row, chat.id)?.value)).toEqual([false, true]);
  });

  test("also while all is cancelled", async () => {
    board.addPeople(crowd(5));
    loader.setColumns([chat]);
    await end();
    loader.cancel();
    service.value = () => "new";
    loader.refresh(3, [chat]);
    await end();
    expect(board.cell(3, chat.id)?.value).toBe("new");
    expect(loader.progress.state).toBe("cancelled");
  });

  test("that meets the limit is asked again; cancelled, it is not left limited", async () => {
    board.addPeople(crowd(5));
    loader.setColumns([hostVideo]);
    await end();
    let refusals = 1;
    service.fault = () => (refusals-- > 0 ? { data: null, problems: [trouble("RATE_LIMITED")] } : undefined);
    loader.refresh(0, [chat]); // no column
    await end();
    expect(board.cell(0, chat.id)?.state).toBe("value");
    refusals = 1;
    loader.refresh(0, [chat]);
    loader.cancel();
    await end();
    expect(board.cell(0, chat.id)).toBeUndefined();
  });

  test("is no progress, and nobody's row does no harm", async () => {
    board.addPeople(crowd(5));
    loader.setColumns([chat]);
    await end();
    loader.refresh(0, [chat]);
    loader.refresh(99, [chat]);
    loader.refresh(1, []);
    expect(loader.progress).toMatchObject({ state: "idle", done: 5 });
    await end();
    expect(service.log).toHaveLength(2);
  });
});
