import { expect, test } from "vitest";
import { withoutHeaders } from "./storage";

test("headers are kept nowhere", () => {
  expect(withoutHeaders("graphiql:headers", "{}")).toBeUndefined();
  expect(withoutHeaders("graphiql:tabState", '{"tabs":[{"query":"{a}","headers":"{\\"Authorization\\":1}"}]}')).toBe(
    '{"tabs":[{"query":"{a}","headers":null}]}',
  );
  expect(withoutHeaders("graphiql:queries", '{"queries":[{"headers":"secret","label":"x"}]}')).toBe(
    '{"queries":[{"headers":null,"label":"x"}]}',
  );
  expect(withoutHeaders("graphiql:queries", '{"headers": broken secret')).toBeUndefined();
});

test("everything else is", () => {
  expect(withoutHeaders("graphiql:query", "{ a }")).toBe("{ a }");
  expect(withoutHeaders("graphiql:variables", '{"headers": 1')).toBe('{"headers": 1');
  expect(withoutHeaders("graphiql:theme", "")).toBe("");
});
