// Where the service is, and the key that zoomgraph caller new has printed; without callers it needs none.
export const address = 'http://127.0.0.1:8080/graphql';
export const headers: Record<string, string> = { Authorization: 'Bearer zg_YOUR_KEY' };
