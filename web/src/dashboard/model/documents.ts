// The documents that the dashboard sends as they stand here; graphql-codegen types them. Those whose selection is a
// choice of columns are written when it is made (written.ts).

import { graphql } from "../../gql";

export const peopleDocument = graphql(`
  query People($first: Int!, $after: String, $status: UserStatus) {
    users(first: $first, after: $after, status: $status) {
      nodes { id email firstName lastName displayName dept roleId groupIds status }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

export const meDocument = graphql(`
  query Me {
    me { id email firstName lastName displayName dept roleId groupIds status }
  }
`);

export const groupsDocument = graphql(`
  query Groups {
    groups(first: 1000) { nodes { id name } }
  }
`);

export const rolesDocument = graphql(`
  query Roles {
    roles(first: 1000) { nodes { id name } }
  }
`);

export const budgetDocument = graphql(`
  query Budget {
    rateLimit { label limit remaining waiting refused dailyLimit dailyRemaining }
  }
`);

export const effectiveDocument = graphql(`
  query Effective($id: ID!, $fields: [String!]!) {
    user(id: $id) {
      id
      effectiveSettings(fields: $fields) { name section value source lockedBy editable }
    }
  }
`);

export const viewerDocument = graphql(`
  query Viewer {
    viewer { name account permissions method }
  }
`);

// What asks whether Zoom answers: one light call, where there is a person whom it can be about.

export const probeDocument = graphql(`
  query Probe($id: ID!) {
    user(id: $id) { status }
  }
`);

export const probeMeDocument = graphql(`
  query ProbeMe {
    me { status }
  }
`);

export const probeListDocument = graphql(`
  query ProbeList {
    users(first: 1) { nodes { id } }
  }
`);
