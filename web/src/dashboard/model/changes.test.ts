import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Board } from "./board";
import type { Json, Setting } from "./catalogue";
import { cell } from "./cell";
import { change, type Outcome, priceOf, priceText } from "./changes";
import { boardOf, crowd, FakeService, type Fault, settingsOf, trouble } from "./fake";

const [chat, audio] = settingsOf("inMeeting.chat", "scheduleMeeting.audioType") as [Setting, Setting];

let service: FakeService;
let board: Board;

beforeEach(() => {
  vi.useFakeTimers();
  service = new FakeService();
  board = boardOf(crowd(50));
  for (const row of board.people.keys()) board.setCell(row, chat.id, cell("value", false));
  service.fault = () => stored({ inMeeting: { chat: true } });
});

afterEach(() => {
  vi.useRealTimers();
});

function stored(settings: Json, notApplied: Json = [], ...problems: ReturnType<typeof trouble>[]): Fault {
  return { data: { updateUserSettings: { settings, notApplied } }, problems };
}

async function run(rows: number[], signal?: AbortSignal, setting = chat, value: Json = true): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const done = change(service.ask, board, rows, setting, value, (outcome) => outcomes.push(outcome), signal);
  await vi.runAllTimersAsync();
  await done;
  return outcomes;
}

describe("changing many", () => {
  test("writes once for each, a few at a time, and shows what Zoom stored", async () => {
    const outcomes = await run([...Array(30).keys(), 3, 3]);
    expect(outcomes).toHaveLength(30);
    expect(outcomes.every(({ applied }) => applied)).toBe(true);
    expect(new Set(service.log.map(({ variables }) => variables.id)).size).toBe(30);
    expect(service.log).toHaveLength(30);
    expect(Math.max(...service.log.map(({ together }) => together))).toBe(4);
    expect(service.log[0]?.variables).toEqual({ id: "p0", input: { inMeeting: { chat: true } } });
    expect([0, 29, 30].map((row) => board.cell(row, chat.id)?.value)).toEqual([true, true, false]);
  });

  test("stops before the next ones, and finishes what was sent", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 150);
    const outcomes = await run([...Array(30).keys()], controller.signal);
    expect(service.log).toHaveLength(8);
    expect(outcomes).toHaveLength(8);
    expect(service.log.every(({ signal }) => signal === undefined)).toBe(true);
  });

  test("of nobody sends nothing", async () => {
    expect(await run([])).toEqual([]);
    expect(service.log).toEqual([]);
  });

  test("goes on after one that fails, and never sends it again", async () => {
    service.fault = ({ variables }) =>
      variables.id === "p1"
        ? { data: null, problems: [trouble("RATE_LIMITED")] }
        : stored({ inMeeting: { chat: true } });
    const outcomes = await run([0, 1, 2]);
    expect(outcomes.filter(({ applied }) => !applied)).toEqual([{ row: 1, applied: false, message: "rate_limited" }]);
    expect(service.log).toHaveLength(3);
    expect(board.cell(1, chat.id)).toEqual(cell("value", false)); // it was not carried out
  });
});

describe("what became of a change", () => {
  test.each<[string, Fault, Partial<Outcome>, ReturnType<typeof cell> | object]>([
    ["stored", stored({ inMeeting: { chat: true } }), { applied: true }, cell("value", true)],
    [
      "locked",
      stored({ inMeeting: { chat: false } }, [{ field: "in_meeting.chat", wanted: true, stored: false }]),
      { applied: false, message: expect.stringMatching(/locked/) },
      cell("value", false),
    ],
    ["another value, without a word", stored({ inMeeting: { chat: false } }), { applied: false }, cell("value", false)],
    [
      "not told",
      stored({ inMeeting: null }),
      { applied: false, message: expect.stringMatching(/does not tell/) },
      cell("absent"),
    ],
    [
      "not read back",
      stored(null, [], trouble("RATE_LIMITED", ["updateUserSettings", "settings"])),
      { applied: false, message: expect.stringMatching(/took the change.*could not be read: rate_limited/) },
      { state: "error" },
    ],
    [
      "refused",
      { data: { updateUserSettings: null }, problems: [trouble("FORBIDDEN", undefined, { hint: "ask for write" })] },
      { applied: false, message: "forbidden; ask for write" },
      cell("value", false),
    ],
    [
      "refused for want of scopes, which are named",
      {
        data: { updateUserSettings: null },
        problems: [trouble("SCOPE_MISSING", undefined, { missingScopes: ["user:write:admin", "x"], hint: "add them" })],
      },
      { applied: false, message: "scope_missing; missing scopes: user:write:admin, x; add them" },
      cell("value", false),
    ],
    [
      "refused with the credentials, which nobody else took",
      { data: { updateUserSettings: null }, problems: [trouble("UPSTREAM_AUTH_FAILED")] },
      { applied: false, message: "upstream_auth_failed" },
      cell("value", false),
    ],
    [
      "perhaps done",
      { data: null, problems: [trouble("UPSTREAM_TIMEOUT")] },
      { applied: false, message: expect.stringMatching(/not known whether/) },
      { state: "error" },
    ],
    [
      "no answer at all",
      { data: null },
      { applied: false, message: expect.stringMatching(/not known/) },
      { state: "error" },
    ],
  ])("%s", async (_, fault, outcome, shown) => {
    service.fault = () => fault;
    expect(await run([0])).toMatchObject([{ row: 0, ...outcome }]);
    expect(board.cell(0, chat.id)).toMatchObject(shown);
  });

  test("an enum is compared in the schema's spelling", async () => {
    service.fault = () => stored({ scheduleMeeting: { audioType: "BOTH" } });
    expect(await run([0], undefined, audio, "BOTH")).toEqual([{ row: 0, applied: true }]);
  });
});

describe("the price", () => {
  const plan = { calls: 2, byLabel: { LIGHT: 1, MEDIUM: 1 }, limit: 1000 };
  const limits = [
    { label: "LIGHT", limit: 80, remaining: 0 },
    { label: "MEDIUM", limit: 20, remaining: 17 },
    { label: "HEAVY", limit: 1, remaining: 0 },
  ];
  const price = async (rows: number[], of = limits) => {
    const asked = priceOf(service.ask, board, rows, chat, true, of);
    await vi.runAllTimersAsync();
    return asked;
  };

  test("is asked for once, of one person, without a call", async () => {
    service.fault = () => ({ data: null, zoom: { plan } });
    expect(await price([3, 4, ...Array(35).keys()])).toEqual({ people: 35, writes: 35, reads: 35, seconds: 0.9 });
    expect(service.log).toHaveLength(1);
    expect(service.log[0]).toMatchObject({ headers: { "X-Zoomgraph-Plan": "1" }, variables: { id: "p3" } });
    expect(await price([1], [])).toEqual({ people: 1, writes: 1, reads: 1, seconds: undefined });
  });

  test("is a problem where the service refuses or does not tell", async () => {
    service.fault = () => ({ data: null, problems: [trouble("FORBIDDEN")] });
    expect(await price([1])).toMatchObject({ code: "FORBIDDEN" });
    service.fault = () => ({ data: null });
    expect(await price([1])).toMatchObject({ code: "INTERNAL" });
  });

  test("of nobody is nothing, and nothing is asked", async () => {
    expect(await price([])).toEqual({ people: 0, writes: 0, reads: 0 });
    expect(service.log).toEqual([]);
  });

  test.each([
    [
      { people: 37, writes: 37, reads: 37, seconds: 3.2 },
      "Change waiting_room for 37 people: 37 writes and 37 reads, about 4 s of this account’s budget.",
    ],
    [{ people: 1, writes: 1, reads: 1 }, "Change waiting_room for 1 person: 1 write and 1 read."],
  ])("is said", (of, sentence) => {
    expect(priceText(of, "waiting_room")).toBe(sentence);
  });
});
