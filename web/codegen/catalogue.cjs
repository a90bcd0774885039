// A plugin of graphql-codegen that lists the settings of a user as the schema has them: one entry a leaf of the tree
// that UserSettings is, in the schema's order. The console chooses its columns from that list, also where the service
// lets nobody ask for its schema. Every page load carries it, so what follows from an id, and what most settings have,
// is left out; src/dashboard/model/catalogue.ts puts it back.
const { getNamedType, getNullableType, isEnumType, isListType, isObjectType, isScalarType } = require("graphql");

const directive = (node, name) => node?.astNode?.directives?.find((d) => d.name.value === name);
const argument = (node, name, arg) => directive(node, name)?.arguments?.find((a) => a.name.value === arg)?.value.value;
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const unless = (value, usual) => (value === usual ? undefined : value);
const zoomName = (field) => argument(field, "name", "zoom") ?? snake(field.name);

module.exports = {
  plugin(schema) {
    const tree = schema.getType("UserSettings").getFields();
    const inputs = schema.getType("UserSettingsInput").getFields();
    const settings = [];
    for (const section of Object.values(tree)) {
      if (!directive(section, "view")) continue;
      const root = argument(section, "view", "root") === true;
      walk(section, {
        view: argument(section, "view", "option") ?? null,
        section: section.name,
        title: section.description,
        path: [section.name],
        zoom: root ? [] : [zoomName(section)],
        input: inputs[section.name],
        under: root ? 0 : 1,
        outer: [],
      });
    }
    return JSON.stringify(settings, null, 1);

    function walk(node, at) {
      const type = getNamedType(node.type);
      for (const field of Object.values(type.getFields())) {
        const leaf = getNamedType(field.type);
        const list = isListType(getNullableType(field.type));
        const inputType = at.input && getNamedType(at.input.type);
        const input = inputType?.getFields?.()[field.name];
        const next = { ...at, path: [...at.path, field.name], zoom: [...at.zoom, zoomName(field)], input };
        if (isObjectType(leaf)) {
          if (!list && !at.outer.includes(leaf.name)) walk(field, { ...next, outer: [...at.outer, leaf.name] });
          continue; // lists of structures are no cells
        }
        const zoom = next.zoom.join(".");
        // What Zoom calls the setting that holds it: the name directly under the section.
        const name = next.zoom[at.under];
        const title = settings.at(-1)?.id.startsWith(`${at.section}.`) ? undefined : at.title; // once a section
        settings.push({
          id: next.path.join("."),
          title: title || undefined,
          view: at.view ?? undefined,
          zoom: unless(zoom, next.path.map(snake).join(".")),
          name: unless(name, next.zoom[1]),
          description: field.description || undefined,
          kind: unless(isEnumType(leaf) ? "ENUM" : isScalarType(leaf) ? leaf.name : "JSON", "Boolean"),
          list: list || undefined,
          values: isEnumType(leaf)
            ? leaf.getValues().map((v) => ({
                name: v.name,
                zoom: unless(argument(v, "wire", "value") ?? v.name.toLowerCase(), v.name.toLowerCase()),
                description: v.description || undefined,
              }))
            : undefined,
          writable: Boolean(input) || undefined,
          sensitive: Boolean(directive(field, "sensitive")) || undefined,
          deprecated: field.deprecationReason || undefined,
        });
      }
    }
  },
};
