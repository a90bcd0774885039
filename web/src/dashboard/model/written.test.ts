import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  buildSchema,
  Kind,
  Lexer,
  parse,
  print,
  type SelectionSetNode,
  Source,
  TokenKind,
  validate,
  visit,
} from "graphql";
import { describe, expect, test } from "vitest";
import { maxColumns } from "./address";
import { settings } from "./catalogue";
import { cellsDocument, changeDocument, changesDocument, maxPeople } from "./written";

const project = resolve(import.meta.dirname, "../../../..");
const read = (name: string) => readFileSync(resolve(project, name), "utf8");
const chapters = readdirSync(resolve(project, "graph/schema"))
  .filter((name) => name.endsWith(".graphqls"))
  .map((name) => `graph/schema/${name}`);
const schema = buildSchema(["schema.graphqls", ...chapters].map(read).join("\n"));

/** What the service allows a document, in its own words. */
const limits = Object.fromEntries(
  [...read("internal/edge/document/limits.go").matchAll(/^\t(max\w+)\s+= ([\d_]+)/gm)].map(([, name, n]) => [
    name,
    Number(n?.replaceAll("_", "")),
  ]),
);

function tokens(text: string): number {
  const lexer = new Lexer(new Source(text));
  let n = 0;
  while (lexer.advance().kind !== TokenKind.EOF) n++;
  return n;
}

/** What a document comes to with its fragments written out. */
function measure(text: string): { tokens: number; roots: number; aliases: number; depth: number; selections: number } {
  const document = parse(text);
  const sets = new Map<string, SelectionSetNode>();
  let operation: SelectionSetNode | undefined;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) sets.set(definition.name.value, definition.selectionSet);
    if (definition.kind === Kind.OPERATION_DEFINITION) operation = definition.selectionSet;
  }
  const sizes = { tokens: tokens(text), roots: operation?.selections.length ?? 0, aliases: 0, depth: 0, selections: 0 };
  const walk = (set: SelectionSetNode | undefined, depth: number) => {
    for (const selection of set?.selections ?? []) {
      sizes.selections++;
      if (selection.kind === Kind.FRAGMENT_SPREAD) walk(sets.get(selection.name.value), depth);
      if (selection.kind !== Kind.FIELD) continue;
      if (selection.alias) sizes.aliases++;
      sizes.depth = Math.max(sizes.depth, depth + 1);
      walk(selection.selectionSet, depth + 1);
    }
  };
  walk(operation, 0);
  return sizes;
}

test("the schema is all of it, and so are the limits", () => {
  expect(chapters.length).toBeGreaterThanOrEqual(14);
  expect(limits).toMatchObject({ maxTokens: 2000, maxRoots: 20, maxAliases: 60, maxDepth: 15, maxSelections: 10_000 });
});

const deepest = [...settings].sort((a, b) => b.path.length - a.path.length);
const spread = settings.filter((_, i) => i % Math.floor(settings.length / maxColumns) === 0).slice(0, maxColumns);

describe.each([
  ["one setting", settings.filter(({ writable }) => writable).slice(0, 1)],
  ["as many columns as a board has", settings.slice(0, maxColumns)],
  ["as many, of all sections", spread],
  ["as many of the deepest", deepest.slice(0, maxColumns)],
  ["all settings at once", settings],
])("%s", (_, of) => {
  test.each([1, maxPeople])("of %i people is a document that the service takes", (n) => {
    const text = print(cellsDocument(of, n));
    expect(validate(schema, parse(text))).toEqual([]);
    const size = measure(text);
    expect(size.roots).toBe(n);
    expect(size.tokens).toBeLessThanOrEqual(limits.maxTokens as number);
    expect(size.roots).toBeLessThanOrEqual(limits.maxRoots as number);
    expect(size.aliases).toBeLessThanOrEqual(limits.maxAliases as number);
    expect(size.depth).toBeLessThanOrEqual(limits.maxDepth as number);
    expect(size.selections).toBeLessThanOrEqual(limits.maxSelections as number);
  });

  test("can be changed, and read back", () => {
    const text = print(changeDocument(of.filter(({ writable }) => writable)));
    expect(validate(schema, parse(text))).toEqual([]);
    expect(measure(text).tokens).toBeLessThanOrEqual(limits.maxTokens as number);
  });

  test("is asked for leaf by leaf", () => {
    let leaves = 0;
    visit(cellsDocument(of, 1), {
      enter(node) {
        if (node.kind === Kind.FIELD && !node.selectionSet) leaves++;
      },
    });
    expect(leaves).toBe(of.length);
  });
});

test("the subscription is one that the schema has", () => {
  expect(validate(schema, parse(changesDocument))).toEqual([]);
});

test("what the catalogue says can be changed is what the input has", () => {
  const input = schema.getType("UserSettingsInput");
  for (const { id, path, writable } of settings) {
    // biome-ignore lint/suspicious/noExplicitAny: a walk through types of several kinds
    let at: any = input;
    for (const name of path) at = (at?.ofType ?? at)?.getFields?.()[name]?.type;
    expect(Boolean(at), id).toBe(writable);
  }
});
