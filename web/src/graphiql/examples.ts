import type { Facts } from "../shared/service";

// The tabs of a first visit: what the service is good at, one question each.

const stranger = "someone@example.com"; // where the service does not say whom to ask about

/** The e-mail address of the service's own example. */
export function personOf(example: string): string {
  return /\bid:\s*"([^"\s]+@[^"\s]+)"/.exec(example)?.[1] ?? stranger;
}

/** The tabs, in their order. */
export function examplesOf(facts: Pick<Facts, "example">): { query: string; variables?: string }[] {
  const id = personOf(facts.example);
  const someone = JSON.stringify({ id }, null, 2);
  return [
    {
      query: `# The selection becomes Zoom's custom_query_fields: one call a view, however much is selected.
# The calls panel below the answer shows each call, and which field caused it.
query Settings($id: ID!) {
  user(id: $id) {
    email
    jobTitle
    settings {
      scheduleMeeting { hostVideo audioType }
      inMeeting { waitingRoom chat }
      meetingSecurity { encryptionType }
    }
  }
}
`,
      variables: someone,
    },
    {
      query: `# Equal targets merge: each group and each role is read once, however many users have it.
query People {
  users(first: 5) {
    nodes {
      email
      role { name }
      groups { name settings { inMeeting { chat } } }
      video: settings { scheduleMeeting { hostVideo } }
      waiting: settings { inMeeting { waitingRoom } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
    },
    {
      query: `# What really holds for a user, and why; and who deviates from a policy.
query Policy($id: ID!) {
  user(id: $id) {
    effectiveSettings(fields: ["host_video", "waiting_room"]) { name value source group { name } lockedBy editable certainty }
  }
  settingsDrift(baseline: {schedule_meeting: {host_video: false}}, first: 10) {
    nodes {
      user { email }
      deviations { name wanted found source certainty }
    }
  }
}
`,
      variables: someone,
    },
    {
      query: `# Changes a setting and reads it back. What Zoom stored differently is in notApplied.
mutation Change($id: ID!) {
  updateUserSettings(id: $id, input: {scheduleMeeting: {hostVideo: true}}) {
    settings { scheduleMeeting { hostVideo } }
    notApplied { field wanted stored }
  }
}
`,
      variables: someone,
    },
    {
      query: `# Waits for changes that this service makes: run it, then run the change from another window.
subscription Changes {
  userSettingsChanged {
    at
    fields
    user { email settings { scheduleMeeting { hostVideo } } }
  }
}
`,
    },
    {
      query: `# What is left of the account's limits, and who asks. Answered without a call.
query Budget {
  rateLimit { label limit remaining resetAt dailyLimit dailyRemaining waiting refused }
  viewer { name account permissions method }
}
`,
    },
  ];
}
