// The documents whose selection is a choice of columns. Each choice is one document, however many people it is asked
// about, so that the service has it in its caches.

import { gql, type TypedDocumentNode } from "@urql/core";
import { type Json, type Setting, selection } from "./catalogue";

export const changesDocument = `subscription Changes { userSettingsChanged { user { id } fields at } }`;

/** How many people one request asks about: as many root fields as the service allows. */
export const maxPeople = 20;

export type CellsData = Record<string, { settings: unknown } | null>;

/** Asks for settings of n people, with the variables u0, u1, …, under the same names. */
export function cellsDocument(of: readonly Setting[], n: number): TypedDocumentNode<CellsData, Record<string, string>> {
  const numbers = Array.from({ length: n }, (_, i) => i);
  return gql(`
    query Cells(${numbers.map((i) => `$u${i}: ID!`).join(" ")}) {
      ${numbers.map((i) => `u${i}: user(id: $u${i}) { ...Columns }`).join("\n")}
    }
    fragment Columns on User { settings ${selection(of)} }
  `);
}

export interface ChangeData {
  updateUserSettings: { settings: unknown; notApplied: { field: string; wanted: Json; stored: Json }[] } | null;
}

export interface ChangeVariables {
  id: string;
  input: { [key: string]: Json };
  [name: string]: Json;
}

/** Changes settings of one person and reads back what Zoom stored. */
export function changeDocument(of: readonly Setting[]): TypedDocumentNode<ChangeData, ChangeVariables> {
  return gql(`
    mutation Change($id: ID!, $input: UserSettingsInput!) {
      updateUserSettings(id: $id, input: $input) {
        settings ${selection(of)}
        notApplied { field wanted stored }
      }
    }
  `);
}
