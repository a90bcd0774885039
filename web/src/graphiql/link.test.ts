import { expect, test } from "vitest";
import { linkOf, readLink } from "./link";

test("an address brings back what it was made of", () => {
  const linked = {
    query: "query A($id: ID!) {\n  user(id: $id) { id & }\n}",
    variables: '{"id": "ä+b"}',
    operationName: "A",
  };
  const link = linkOf("/graphiql", linked);
  expect(readLink(new URL(link, "http://x").search)).toEqual(linked);
});

test("an address holds no more than there is, and no headers", () => {
  expect(linkOf("/graphiql", { query: "{ a }", variables: "{}", operationName: null })).toBe(
    "/graphiql?query=%7B+a+%7D",
  );
  expect(linkOf("/graphiql", { query: " \n" })).toBe("/graphiql");
  expect(linkOf("/graphiql", { query: `{ ${"a ".repeat(5000)} }` })).toBe("/graphiql");
  expect(readLink("?variables=%7B%7D")).toEqual({});
  expect(readLink("?query=%7Ba%7D&headers=%7B%22Authorization%22%3A1%7D")).toEqual({
    query: "{a}",
    variables: null,
    operationName: null,
  });
});
