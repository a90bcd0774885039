// The documents of documents.graphql, as graphql-codegen types them.

import { type AnyVariables, gql } from "@urql/core";
import {
  BudgetDocument,
  EffectiveDocument,
  GroupsDocument,
  MeDocument,
  PeopleDocument,
  ProbeDocument,
  ProbeListDocument,
  ProbeMeDocument,
  RolesDocument,
  type TypedDocumentString,
  UnknownNamesDocument,
  ViewerDocument,
} from "../../gql/graphql";

function parsed<Data, Variables extends AnyVariables>(document: TypedDocumentString<Data, Variables>) {
  return gql<Data, Variables>(document.toString());
}

export const budgetDocument = parsed(BudgetDocument);
export const effectiveDocument = parsed(EffectiveDocument);
export const groupsDocument = parsed(GroupsDocument);
export const meDocument = parsed(MeDocument);
export const peopleDocument = parsed(PeopleDocument);
export const probeDocument = parsed(ProbeDocument);
export const probeListDocument = parsed(ProbeListDocument);
export const probeMeDocument = parsed(ProbeMeDocument);
export const rolesDocument = parsed(RolesDocument);
export const unknownNamesDocument = parsed(UnknownNamesDocument);
export const viewerDocument = parsed(ViewerDocument);
