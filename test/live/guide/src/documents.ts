import { graphql } from './gql/index.js';

export const People = graphql(`
  query People($after: String) {
    users(first: 100, after: $after) {
      nodes { id email settings { inMeeting { waitingRoom } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const SetWaitingRoom = graphql(`
  mutation SetWaitingRoom($id: ID!, $on: Boolean!) {
    updateUserSettings(id: $id, input: { inMeeting: { waitingRoom: $on } }) {
      user { id settings { inMeeting { waitingRoom } } }
      notApplied { field wanted stored }
    }
  }
`);

export const Changes = graphql(`
  subscription Changes {
    userSettingsChanged { fields user { id settings { inMeeting { waitingRoom } } } }
  }
`);
