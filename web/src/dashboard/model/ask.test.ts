import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gql } from "@urql/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Ask, asker, problemText } from "./ask";

const query = gql<{ a: number }, { x?: number }>("query Q($x: Int) { a(x: $x) }");
const mutation = gql<{ a: number }, { x?: number }>("mutation M($x: Int) { a(x: $x) }");

interface Got {
  body: { query: string; variables: Record<string, unknown> };
  headers: IncomingMessage["headers"];
  response: ServerResponse;
}

let server: Server;
let ask: Ask;
let got: Got[];
let answer: (to: ServerResponse) => void;
let base: string;

beforeEach(async () => {
  got = [];
  server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    got.push({ body: JSON.parse(text), headers: request.headers, response });
    answer(response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  ask = asker(base, () => ({ Authorization: "Bearer key" }));
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function json(status: number, body: unknown) {
  return (to: ServerResponse) => {
    to.writeHead(status, { "Content-Type": "application/graphql-response+json; charset=utf-8" });
    to.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

function text(status: number, type: string, body: string) {
  return (to: ServerResponse) => {
    to.writeHead(status, { "Content-Type": type });
    to.end(body);
  };
}

describe("an answer", () => {
  test("has data and explains itself; who calls is said with each request", async () => {
    answer = json(200, { data: { a: 1 }, extensions: { zoom: { cost: { calls: 2 }, absent: [] } } });
    expect(await ask(query, { x: 5 }, { headers: { "X-Zoomgraph-Plan": "1" } })).toEqual({
      data: { a: 1 },
      problems: [],
      zoom: { cost: { calls: 2 }, absent: [] },
    });
    expect(got[0]?.body).toMatchObject({ variables: { x: 5 } });
    expect(got[0]?.headers).toMatchObject({ authorization: "Bearer key", "x-zoomgraph-plan": "1" });
  });

  test("keeps its data beside its problems", async () => {
    const extensions = {
      code: "RATE_LIMITED",
      hint: "wait",
      requestId: "R1",
      retryAfter: "2024-02-29T10:00:00Z",
      missingScopes: ["user:read"],
      seconds: 40,
    };
    answer = json(200, {
      data: { a: null },
      errors: [
        { message: "too many", path: ["a", 0], extensions },
        { message: "2 more errors are left out", extensions: { leftOut: 2 } },
      ],
    });
    const { data, problems } = await ask(query, {});
    expect(data).toEqual({ a: null });
    expect(problems).toEqual([
      {
        message: "too many",
        path: ["a", 0],
        code: "RATE_LIMITED",
        hint: "wait",
        requestId: "R1",
        retryAt: Date.UTC(2024, 1, 29, 10),
        missingScopes: ["user:read"],
        leftOut: undefined,
        tooLong: true,
      },
      expect.objectContaining({ code: "INTERNAL", leftOut: 2, retryAt: undefined, tooLong: undefined }),
    ]);
  });
});

test.each<[string, (to: ServerResponse) => void, string, RegExp]>([
  [
    "refused before it runs",
    json(401, { errors: [{ message: "who are you", extensions: { code: "UNAUTHENTICATED" } }] }),
    "UNAUTHENTICATED",
    /who are you/,
  ],
  [
    "refused with data that are null",
    json(200, { data: null, errors: [{ message: "no", extensions: { code: "COST_LIMIT_EXCEEDED" } }] }),
    "COST_LIMIT_EXCEEDED",
    /no/,
  ],
  ["a proxy's page", text(502, "text/html", "<h1>Bad Gateway</h1>"), "OFFLINE", /answers 502 and no GraphQL/],
  [
    "a page where GraphQL should be",
    text(200, "text/html", "<h1>Sign in</h1>"),
    "OFFLINE",
    /answers 200 and no GraphQL/,
  ],
  ["JSON that ends too early", json(200, '{"data": {"a"'), "OFFLINE", /no GraphQL/],
  ["JSON that is no answer", json(200, "{}"), "OFFLINE", /no GraphQL/],
  ["nothing", json(200, ""), "OFFLINE", /no GraphQL/],
  [
    "odd extensions",
    json(200, { errors: [{ message: "no", extensions: { code: 7, missingScopes: "x", retryAfter: 5 } }] }),
    "INTERNAL",
    /^no$/,
  ],
  ["a connection that breaks", (to) => to.destroy(), "OFFLINE", /does not answer/],
])("%s", async (_, how, code, message) => {
  answer = how;
  const { data, problems } = await ask(query, {});
  expect(data).toBeNull();
  expect(problems).toHaveLength(1);
  expect(problems[0]?.code).toBe(code);
  expect(problems[0]?.message).toMatch(message);
  expect(problemText(problems[0] as (typeof problems)[number])).toMatch(/^[A-Z].*[.?]$/);
});

test("nobody there", async () => {
  server.close();
  expect((await ask(query, {})).problems).toMatchObject([{ code: "OFFLINE", message: "the service does not answer" }]);
});

describe("stopping", () => {
  test("before it was sent sends nothing", async () => {
    const { data, problems } = await ask(query, {}, { signal: AbortSignal.abort() });
    expect([data, problems[0]?.code, got.length]).toEqual([null, "STOPPED", 0]);
  });

  test("while it is under way ends the request as well", async () => {
    const controller = new AbortController();
    const left = new Promise<void>((done) => {
      answer = (to) => {
        to.on("close", done);
        controller.abort();
      };
    });
    expect((await ask(query, {}, { signal: controller.signal })).problems).toMatchObject([{ code: "STOPPED" }]);
    await left;
  });

  test("one leaves another that asks the same alone", async () => {
    const controller = new AbortController();
    answer = () => {
      if (got.length < 2) return;
      controller.abort();
      for (const { response } of got) if (!response.destroyed) json(200, { data: { a: 1 } })(response);
    };
    const [stopped, other] = await Promise.all([ask(query, {}, { signal: controller.signal }), ask(query, {})]);
    expect([stopped.problems[0]?.code, other.data]).toEqual(["STOPPED", { a: 1 }]);
  });
});

describe("asking the same again", () => {
  test.each([
    ["a query", query],
    ["a mutation", mutation],
  ])("%s asks again, and never has an answer from before", async (_, document) => {
    let n = 0;
    answer = (to) => json(200, { data: { a: ++n } })(to);
    const one = await ask(document, { x: 1 });
    const two = await ask(document, { x: 1 });
    const both = await Promise.all([ask(document, { x: 1 }), ask(document, { x: 1 })]);
    expect([one, two, ...both].map(({ data }) => data?.a).sort()).toEqual([1, 2, 3, 4]);
    expect(got).toHaveLength(4);
  });

  test("the price of a mutation is not taken for its answer", async () => {
    answer = (to) =>
      json(
        200,
        got.length === 1 ? { data: null, extensions: { zoom: { plan: { calls: 2 } } } } : { data: { a: 1 } },
      )(to);
    const price = await ask(mutation, { x: 1 }, { headers: { "X-Zoomgraph-Plan": "1" } });
    const done = await ask(mutation, { x: 1 });
    expect([price.zoom.plan?.calls, price.problems, done.data]).toEqual([2, [], { a: 1 }]);
  });
});

test.each([
  [{ message: "a", code: "X" }, "A."],
  [{ message: "a", code: "X", hint: "do b", missingScopes: ["s", "t"] }, "A; missing scopes: s, t; do b."],
  [{ message: "Zoom’s", code: "X", hint: "Is it running?" }, "Zoom’s; Is it running?"],
])("a problem as a sentence: %j", (problem, sentence) => {
  expect(problemText(problem)).toBe(sentence);
});
