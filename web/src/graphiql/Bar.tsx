import { useEffect, useState } from "react";
import { readKey } from "../shared/key";
import type { Facts } from "../shared/service";
import { chooseTheme, useTheme } from "../shared/theme";
import { ask } from "./ask";
import type { Transport } from "./fetcher";

interface Viewer {
  name: string;
  permissions: string[];
  method: string;
}

/** The line above the editor: what it is, who asks, how subscriptions are sent. */
export function Bar(props: {
  facts: Facts;
  /** Changes whenever somebody else may be asking. */
  session: number;
  /** Nobody has said yet who asks. */
  anonymous: boolean;
  transport: Transport;
  onTransport(transport: Transport): void;
  onKey(refused: boolean): void;
}) {
  const { facts, transport } = props;
  const theme = useTheme();
  const other = theme === "dark" ? "light" : "dark";
  return (
    <header className="bar">
      <a className="home" href="./">
        zoomgraph
      </a>
      <h1>GraphiQL</h1>
      {facts.sandbox && <span className="note">an embedded Zoom with made-up people answers</span>}
      {!facts.introspection && (
        <span className="note warn" role="note">
          Docs and completion are off: this service does not tell its schema (<code>--introspection</code>). Queries run
          all the same.
        </span>
      )}
      <span className="space" />
      {facts.introspection && <a href="docs/">Reference</a>}
      <label>
        Subscriptions
        <select value={transport} onChange={(event) => props.onTransport(event.target.value as Transport)}>
          <option value="ws">by WebSocket</option>
          <option value="sse">by server-sent events</option>
        </select>
      </label>
      {facts.closed && <Who {...props} />}
      <button
        type="button"
        onClick={() => chooseTheme(other)}
        aria-label={`Use the ${other} theme`}
        title={`Use the ${other} theme`}
      >
        {theme === "dark" ? "☀" : "☾"}
      </button>
    </header>
  );
}

/** Who asks, and what they may not do; leads to the key. */
function Who({ session, anonymous, onKey }: { session: number; anonymous: boolean; onKey(refused: boolean): void }) {
  const [viewer, setViewer] = useState<Viewer>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew whenever somebody else may be asking
  useEffect(() => {
    setViewer(undefined);
    if (anonymous) return;
    let current = true;
    ask({ query: "{ viewer { name permissions method } }" }, {}, { refused: () => current && onKey(true) })
      .then(({ data }) => current && setViewer((data as { viewer?: Viewer } | undefined)?.viewer))
      .catch(() => undefined); // the editor says so when it asks
    return () => {
      current = false;
    };
  }, [session, anonymous]);
  const missing = viewer && ["WRITE", "SECRETS"].filter((permission) => !viewer.permissions.includes(permission));
  return (
    <span className="who">
      {viewer && (
        <span>
          {viewer.name}
          {missing && missing.length > 0 && <em> · may not: {missing.join(", ").toLowerCase()}</em>}
        </span>
      )}
      <button type="button" onClick={() => onKey(false)}>
        {readKey() ? "Change the key" : "Give a key"}
      </button>
    </span>
  );
}
