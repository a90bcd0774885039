import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { anchorOf } from "./anchor";

const schema = buildSchema("type Query { user(id: ID!): User } type User { manager: User email: String }");
const docs = { name: "Docs" };
const item = (name: string) => ({ name, def: schema.getType(name) });
const field = (of: string, name: string) => {
  const type = schema.getType(of);
  return { name, def: type && "getFields" in type ? type.getFields()[name] : undefined };
};

test.each([
  ["the schema", [docs], ""],
  ["a type", [docs, item("User")], "User"],
  ["a field", [docs, item("Query"), field("Query", "user")], "Query.user"],
  [
    "a field of a type behind one",
    [docs, item("Query"), field("Query", "user"), item("User"), field("User", "email")],
    "User.email",
  ],
  ["a type behind a field", [docs, item("Query"), field("Query", "user"), item("User")], "User"],
  ["an argument", [docs, item("Query"), field("Query", "user"), { name: "id", def: {} }], "Query.user"],
  ["a field of which the type is not known", [docs, field("Query", "user")], ""],
])("the anchor of %s", (_, way, want) => {
  expect(anchorOf(way)).toBe(want);
});
