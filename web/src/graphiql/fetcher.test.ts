import { expect, test } from "vitest";
import { chosen } from "./fetcher";

test.each([
  ["query A { a }", "A", { streams: false, operationName: "A" }],
  ["query A { a }", "Before", { streams: false, operationName: "A" }],
  ["{ a }", "Before", { streams: false, operationName: undefined }],
  ["subscription { a }", null, { streams: true, operationName: undefined }],
  ["query A { a } subscription B { b }", "B", { streams: true, operationName: "B" }],
  ["query A { a } subscription B { b }", "Before", { streams: false, operationName: "Before" }],
  ["query A {", "A", { streams: false, operationName: "A" }],
])("of %s and %s", (query, wanted, want) => expect(chosen(query, wanted)).toEqual(want));
