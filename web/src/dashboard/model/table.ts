import { readFileSync } from "node:fs";
import { resolve } from "node:path";

// The names that the service may ask Zoom for of a user's settings, out of the table that zoomgen wrote: with their
// section, but of views whose answers have none. For tests; the service refuses other names.
export function namesOfTheService(): Set<string> {
  const table = readFileSync(resolve(import.meta.dirname, "../../../../graph/settings.gen.go"), "utf8");
  const tree = table.slice(table.indexOf("var userSettingsTree"));
  const sections = tree.matchAll(/Zoom: "(\w+)",(?: View: "\w+",)?( Root: true,)? Names: \[\]string\{([^}]*)\}/g);
  return new Set(
    [...sections].flatMap(([, section, root, names = ""]) =>
      (names.match(/\w+/g) ?? []).map((name) => (root ? name : `${section}.${name}`)),
    ),
  );
}
