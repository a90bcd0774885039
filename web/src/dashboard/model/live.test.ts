import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Board } from "./board";
import { boardOf, crowd, FakeService, settingsOf } from "./fake";
import { type Live, type LiveState, listen } from "./live";
import { Loader } from "./loader";

interface Message {
  id?: string;
  type: string;
  payload?: unknown;
}

/** The service's side of a WebSocket. */
class Socket {
  static all: Socket[] = [];
  /** Nobody is there: connections fail. */
  static refused = false;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  readonly OPEN = 1;
  readyState = 0;
  sent: Message[] = [];
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: { code: number; reason: string }) => void;

  constructor(readonly url: string) {
    Socket.all.push(this);
    setTimeout(() => {
      if (Socket.refused) {
        this.close(1006);
        return;
      }
      this.readyState = 1;
      this.onopen?.();
    });
  }

  send(text: string): void {
    const message = JSON.parse(text) as Message;
    this.sent.push(message);
    if (message.type === "connection_init") this.say({ type: "connection_ack" });
    if (message.type === "ping") this.say({ type: "pong" });
  }

  say(message: Message): void {
    setTimeout(() => this.onmessage?.({ data: JSON.stringify(message) }));
  }

  close(code = 1000, reason = ""): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    setTimeout(() => this.onclose?.({ code, reason }));
  }

  get subscription(): string {
    return this.sent.findLast(({ type }) => type === "subscribe")?.id ?? "";
  }
}

const columns = settingsOf("inMeeting.chat", "inMeeting.waitingRoom");
let board: Board;
let service: FakeService;
let told: LiveState[];
let live: Live;

beforeEach(async () => {
  vi.useFakeTimers();
  Socket.all = [];
  Socket.refused = false;
  vi.stubGlobal("WebSocket", Socket);
  vi.stubGlobal("location", { href: "https://zoomgraph.example/?search=a" });
  vi.stubGlobal("sessionStorage", { getItem: () => "key" });
  service = new FakeService();
  board = boardOf(crowd(3));
  const heard: LiveState[] = []; // what an earlier connection says late is not this test's
  told = heard;
  const own = (person: string) => person === "p2";
  live = listen(
    board,
    new Loader(board, service.ask),
    () => columns,
    own,
    (state) => heard.push(state),
  );
  await vi.advanceTimersByTimeAsync(10);
});

afterEach(() => {
  live.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const latest = () => Socket.all.at(-1) as Socket;

async function changed(person: string, ...fields: string[]): Promise<void> {
  const change = { user: { id: person }, fields, at: "2024-02-29T10:00:00Z" };
  latest().say({ id: latest().subscription, type: "next", payload: { data: { userSettingsChanged: change } } });
  await vi.advanceTimersByTimeAsync(500);
}

describe("a change", () => {
  test("is listened for where the page comes from, by who calls", () => {
    expect(latest().url).toBe("wss://zoomgraph.example/graphql");
    expect(latest().sent[0]).toMatchObject({ type: "connection_init", payload: { Authorization: "Bearer key" } });
    expect(told).toEqual(["connecting", "live"]);
  });

  test.each<[string, string, string[], string[]]>([
    ["of somebody shown is read anew, and only what is shown of it", "p1", ["chat", "host_video"], ["inMeeting.chat"]],
    ["of what is not shown is only noted", "p1", ["host_video"], []],
    ["of this window is only noted", "p2", ["chat"], []],
    ["of somebody who is not there is only noted", "q7", ["chat"], []],
  ])("%s", async (_, person, fields, read) => {
    await changed(person, ...fields);
    expect(service.log.flatMap(({ settings }) => settings.map(({ id }) => id))).toEqual(read);
    expect(board.changes).toEqual([{ at: "2024-02-29T10:00:00Z", person, fields, own: person === "p2" }]);
  });
});

describe("the connection", () => {
  test("comes again soon after it is gone, however long that was", async () => {
    Socket.refused = true;
    latest().close(1001);
    await vi.advanceTimersByTimeAsync(10);
    expect(told.at(-1)).toBe("offline");
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(Socket.all.length).toBeGreaterThan(3600 / 38); // at the latest every 37.5 s
    Socket.refused = false;
    await vi.advanceTimersByTimeAsync(38_000);
    expect(told.at(-1)).toBe("live");
    await changed("p1", "chat");
    expect(board.changes).toHaveLength(1);
  });

  test.each<[string, () => void]>([
    [
      "a subscription that the service ends",
      () => latest().say({ id: latest().subscription, type: "error", payload: [{ message: "too slow" }] }),
    ],
    ["a subscription that is complete", () => latest().say({ id: latest().subscription, type: "complete" })],
    ["a connection that is not let in", () => latest().close(4401, "Unauthorized")],
  ])("%s is begun again after a while", async (_, ends) => {
    ends();
    await vi.advanceTimersByTimeAsync(1000);
    expect(told.at(-1)).toBe("offline");
    let seconds = 1;
    for (; seconds < 60 && told.at(-1) !== "live"; seconds++) await vi.advanceTimersByTimeAsync(1000);
    expect(seconds).toBeGreaterThan(25);
    expect(seconds).toBeLessThan(40); // with what the client waits before it connects again
    await changed("p1", "chat");
    expect(service.log).toHaveLength(1);
  });

  test("that is closed stays so", async () => {
    live.close();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(Socket.all).toHaveLength(1);
    expect(latest().readyState).toBe(3);
  });
});
