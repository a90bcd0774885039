import { isNamedType } from "graphql";

/** An item of the way that somebody took through GraphiQL's docs: types and fields, the last of which is shown. */
interface Item {
  name: string;
  def?: unknown;
}

/** The anchor of what is shown in the reference: a type's, or that of its field; "" for the schema itself. */
export function anchorOf(way: readonly Item[]): string {
  const at = way.findLastIndex(({ def }) => isNamedType(def));
  const type = way[at];
  if (!type) return "";
  const field = way[at + 1];
  return field ? `${type.name}.${field.name}` : type.name;
}
