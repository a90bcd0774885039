// Package signin lets people sign in with Zoom: by the authorization code flow with PKCE, into a session that a cookie
// stands for. What a page asks with that cookie is asked of Zoom with that person's own token.
//
//	people, err := signin.New(signin.Options{PublicURL: "https://zoomgraph.example.com", ClientID: id, ClientSecret: secret, …})
//	defer people.Close()
//	// people goes to edge.Options.SignIn, to callers.Options.Sessions, and into client.Config.Tokens of the
//	// principals of people.
//
// # Sessions
//
// The cookie holds an id that nobody can guess; a [Keeper] holds, under the digest of the id and sealed, whose session it
// is and the person's tokens. It is the memory of this process, a [Folder], or the Redis of a fleet (fleet.Sessions).
//
// Zoom gives out a new refresh token with each access token, and the old one is used up. So one renewal runs at a time,
// among all replicas; what it brings is kept before it is used; and where it cannot be kept it waits in this process,
// which tries again, while the old access token serves out its life. A session is lost only where Zoom's answer is, or
// the process between that answer and the keeper's; it ends when its access token does.
//
// # What a console can rely on
//
//   - GET /sign-in?return=/path sends the browser to Zoom, and then back to that path: one of this service, with its
//     query and fragment; left out it is /. Link to it, or set window.location: it is a navigation, not a fetch. A
//     path that is none is answered 400, in words.
//   - Who comes back without success finds the parameter signInError in the query of the path: state, denied, account,
//     scope, refused or unavailable; see [Failure]. Where it cannot be told what the path was it is /. After success
//     there is no parameter.
//   - Below a path of the public address, each of these paths is below it as well. The path to return to may be named
//     with it or without.
//   - The session is in the cookie __Host-zoomgraph (below a path __Secure-zoomgraph, which goes there only), which no
//     script can read. Ask `{ viewer { name permissions method } }`
//     to learn who is signed in: method is SIGN_IN, name is what Zoom shows as the person's name.
//   - Requests to /graphql of the page itself carry the cookie without further ado (fetch with its default credentials,
//     event streams, WebSockets). It counts only if the browser says that they come from a page of the public address. An
//     Authorization header, or one in the payload of connection_init, goes before the cookie.
//   - Who is not signed in, or not any more, is answered 401 with extensions.code UNAUTHENTICATED, and extensions.signIn
//     is "/sign-in". A WebSocket is closed with 4403. Where a session ends in the middle of a request the error
//     UNAUTHENTICATED stands beside data, and the next request gets the 401. 503 with UPSTREAM_UNAVAILABLE says that it
//     cannot be told now who is signed in: try again.
//   - POST /sign-out by a fetch ends the session, at Zoom too, and is answered 204, also where there was none; 503 where
//     only the browser has forgotten it. Pages should reload then.
//   - None of this answers anything to pages of other origins, also those of --allowed-origins.
package signin
