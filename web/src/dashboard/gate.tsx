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
  | { at: "down"; why: string }
  | { at: "door"; facts: Facts; why?: string }
  | { at: "in"; facts: Facts; viewer: Viewer };

export function Gate() {
  const [state, setState] = useState<State>({ at: "start" });

  const enter = useCallback(async (facts: Facts) => {
    const { data, problems } = await ask(viewerDocument, {});
    const problem = problems[0];
    if (data) setState({ at: "in", facts, viewer: data.viewer });
    else if (problem?.code === "UNAUTHENTICATED") {
      const why = readKey() ? problemText(problem) : undefined;
      keepKey("");
      setState({ at: "door", facts, why });
    } else setState({ at: "down", why: problem ? problemText(problem) : "The service does not answer." });
  }, []);

  const start = useCallback(() => {
    readFacts().then(enter, (error: Error) => setState({ at: "down", why: error.message }));
  }, [enter]);

  useEffect(start, [start]);

  switch (state.at) {
    case "start":
      return <main className="gate" aria-busy="true" />;
    case "down":
      return (
        <main className="gate">
          <h1>zoomgraph</h1>
          <p role="alert">{state.why}</p>
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
            if (state.viewer.method === "SIGN_IN") await fetch("/sign-out", { method: "POST" });
            keepKey("");
            start();
          }}
        />
      );
  }
}

function Door({ facts, why, onKey }: { facts: Facts; why?: string; onKey(): void }) {
  const [key, setKey] = useState("");
  const failed = new URLSearchParams(location.search).get("sign-in-error");
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
      {(why || failed) && <p role="alert">{why ?? `Signing in did not work: ${failed}.`}</p>}
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
