// People as the board has them, of the list's nodes.

import type { MeQuery, PeopleQuery } from "../../gql/graphql";
import type { Person, Status } from "./board";

type Node = PeopleQuery["users"]["nodes"][number] | NonNullable<MeQuery["me"]>;

/** The person of a node; asked is the status that the list was asked for. */
export function personOf(node: Node, asked: Status): Person {
  const name = node.displayName || [node.firstName, node.lastName].filter(Boolean).join(" ");
  return {
    id: node.id,
    name: name || node.email || node.id,
    email: node.email ?? "",
    dept: node.dept ?? "",
    roleId: node.roleId ?? "",
    groupIds: node.groupIds ?? [],
    status: node.status ?? asked,
  };
}
