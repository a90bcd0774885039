import { createClient } from "graphql-ws";
import { afterEach, expect, test, vi } from "vitest";
import { end } from "./socket";

afterEach(() => vi.useRealTimers());

/** A socket that closes as soon as it was opened, as of a service that is away or does not know the caller. */
function closing(code: number) {
  return class {
    static CONNECTING = 0;
    static OPEN = 1;
    static CLOSING = 2;
    static CLOSED = 3;
    onclose?: (event: object) => void;
    constructor() {
      setTimeout(() => this.onclose?.({ code, reason: "", wasClean: false }), 5);
    }
    close() {}
  };
}

for (const code of [1006, 4403]) {
  test(`a client whose connection is refused with ${code} ends without a fault`, async () => {
    vi.useFakeTimers();
    const refused = vi.fn();
    process.on("unhandledRejection", refused);
    let closed = 0;
    const client = createClient({
      url: "ws://service.test/graphql",
      webSocketImpl: closing(code),
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      retryWait: () => new Promise((done) => setTimeout(done, 100)),
      on: { closed: () => closed++ },
    });
    const stop = client.subscribe({ query: "subscription { a }" }, { next() {}, error() {}, complete() {} });
    await vi.advanceTimersByTimeAsync(50); // it waits to try again
    expect(closed).toBe(1);
    stop();
    end(client);
    await vi.advanceTimersByTimeAsync(500);
    vi.useRealTimers();
    await new Promise((done) => setImmediate(done));
    process.off("unhandledRejection", refused);
    expect(refused).not.toHaveBeenCalled();
  });
}
