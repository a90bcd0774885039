import { lazy, StrictMode, Suspense, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { readKey } from "../shared/key";
import { type Facts, readFacts } from "../shared/service";
import "../shared/theme.css";
import "./graphiql.css";
import { Bar } from "./Bar";
import type { Transport } from "./fetcher";
import { KeyDialog } from "./KeyDialog";

// The editor is large: the page stands before it has come.
const coming = import("./Editor");
const Editor = lazy(() => coming);

function Page() {
  const [facts, setFacts] = useState<Facts>();
  const [problem, setProblem] = useState("");
  useEffect(() => {
    readFacts().then(setFacts, (error: Error) => setProblem(error.message));
  }, []);
  if (problem) {
    return (
      <main className="waiting" role="alert">
        {problem}
      </main>
    );
  }
  return facts ? <Console facts={facts} /> : <Waiting />;
}

function Waiting() {
  return (
    <main className="waiting" aria-busy="true">
      Loading the editor…
    </main>
  );
}

function Console({ facts }: { facts: Facts }) {
  const [session, setSession] = useState(0); // counts who may be asking
  const [transport, setTransport] = useState<Transport>("ws");
  // Where only a key tells who asks, nothing is asked before there is one.
  const anonymous = facts.closed && !facts.signIn && !readKey();
  const [asking, setAsking] = useState(anonymous ? { refused: false } : undefined);
  const ask = (refused: boolean) => setAsking((before) => before ?? { refused });
  return (
    <>
      <Bar
        facts={facts}
        session={session}
        anonymous={anonymous}
        transport={transport}
        onTransport={setTransport}
        onKey={ask}
      />
      <Suspense fallback={<Waiting />}>
        <Editor
          facts={facts}
          session={session}
          anonymous={anonymous}
          transport={transport}
          onRefused={() => ask(true)}
        />
      </Suspense>
      {asking && (
        <KeyDialog
          signIn={facts.signIn}
          refused={asking.refused}
          onDone={(changed) => {
            setAsking(undefined);
            if (changed) setSession((n) => n + 1);
          }}
        />
      )}
    </>
  );
}

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
}
