// Nobody sees the dashboard before the service knows who they are: by a key that is typed once a session, by signing in
// with Zoom, or because the service lets everybody in.

import { type FormEvent, useCallback, useEffect, useState } from "react";
import { keepKey, readKey } from "../shared/key";
import { type Facts, readFacts, signInAddress } from "../shared/service";
import { Dashboard } from "./dashboard";
import type { Viewer } from "./desk";
import { asker, problemText } from "./model/ask";
import { viewerDocument } from "./model/documents";

const ask = asker();

type State =
  | { at: "start" }
  | { at: "down"; why: string; stays?: true }
  | { at: "door"; facts: Facts; why?: string }
  | { at: "in"; facts: Facts; viewer: Viewer };

export function Gate() {
  const [state, setState] = useState<State>({ at: "start" });

  const enter = useCallback(async (facts: Facts) => {
    if (facts.documentsOnly) {
      setState({
        at: "down",
        stays: true,
        why: "This service answers listed documents only (--documents-only), and what the dashboard asks depends on the columns one chooses.",
      });
      return;
    }
    const { data, problems } = await ask(viewerDocument, {});
    const problem = problems[0];
    if (data) setState({ at: "in", facts, viewer: data.viewer });
    else if (problem?.code === "UNAUTHENTICATED" || problem?.code === "FORBIDDEN") {
      // Who is known and may not even ask for this is told so, whatever they came with.
      const why = readKey() || problem.code === "FORBIDDEN" ? problemText(problem) : undefined;
      keepKey("");
      setState({ at: "door", facts, why });
    } else setState({ at: "down", why: problem ? problemText(problem) : "The service does not answer." });
  }, []);

  const start = useCallback(() => {
    readFacts().then(enter, (error: Error) => setState({ at: "down", why: error.message }));
  }, [enter]);

  useEffect(start, [start]);
  // Until the service answers: it may be only just starting.
  useEffect(() => {
    if (state.at !== "down" || state.stays) return;
    const timer = setTimeout(start, 5000);
    return () => clearTimeout(timer);
  }, [state, start]);

  switch (state.at) {
    case "start":
      return <main className="gate" aria-busy="true" />;
    case "down":
      return (
        <main className="gate">
          <h1>zoomgraph</h1>
          <p role="alert">{state.why}</p>
          {!state.stays && <p className="quiet">This page tries again by itself.</p>}
          <button type="button" className="primary" onClick={start}>
            Try again
          </button>
        </main>
      );
    case "door":
      return <Door facts={state.facts} why={state.why} onKey={() => enter(state.facts)} />;
    case "in":
      return (
        <Dashboard
          facts={state.facts}
          viewer={state.viewer}
          ask={ask}
          onLeave={async () => {
            if (state.viewer.method === "SIGN_IN") await fetch("sign-out", { method: "POST" });
            keepKey("");
            start();
          }}
        />
      );
  }
}

/** Why somebody came back from Zoom without being signed in. */
const failures: Readonly<Record<string, string>> = {
  state: "Signing in took too long, or was begun in another window. Try again.",
  denied: "Zoom was told not to let this service act for you. Try again, and allow it.",
  account: "People of your Zoom account may not sign in here. Whoever runs the service can allow it.",
  scope: "The app that this service uses at Zoom lacks scopes. Whoever runs the service can add them.",
  refused: "Zoom refuses the app that this service uses. Whoever runs the service finds the reason in its log.",
  unavailable: "Zoom, or what keeps sessions, cannot be reached now. Try again in a minute.",
};

function Door({ facts, why, onKey }: { facts: Facts; why?: string; onKey(): void }) {
  const [key, setKey] = useState("");
  const failure = new URLSearchParams(location.search).get("signInError");
  const failed = failure && (failures[failure] ?? "Signing in did not work; try again.");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keepKey(key.trim());
    setKey("");
    onKey();
  };
  return (
    <main className="gate">
      <h1>zoomgraph</h1>
      <p>This service answers only callers whom it knows.</p>
      {(why || failed) && <p role="alert">{why ?? failed}</p>}
      {facts.signIn && (
        <a className="button primary" href={signInAddress()}>
          Sign in with Zoom
        </a>
      )}
      <form onSubmit={submit}>
        <label htmlFor="key">{facts.signIn ? "Or with a key" : "Your key"}</label>
        <div className="line">
          <input
            id="key"
            type="password"
            autoComplete="off"
            spellCheck={false}
            required
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
          <button type="submit" className={facts.signIn ? undefined : "primary"}>
            Enter
          </button>
        </div>
        <p className="quiet">The key is forgotten when this tab is closed.</p>
      </form>
    </main>
  );
}
