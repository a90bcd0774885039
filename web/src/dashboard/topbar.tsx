// The top bar: which account, what is left of its budget, whether changes are heard of, light or dark, and who looks.

import { chooseTheme, useTheme } from "../shared/theme";
import { type Limit, useDesk } from "./desk";
import { showKeys } from "./keys";
import type { TroubleKind } from "./model/health";
import type { LiveState } from "./model/live";

const methods: Readonly<Record<string, string>> = {
  ANYONE: "no callers are configured",
  KEY: "by key",
  TOKEN: "by token",
  ZOOM_TOKEN: "by Zoom token",
  SIGN_IN: "signed in with Zoom",
};

/** What is said of the connection: a word, and what it means. Only what is live is green. */
const liveWords: Readonly<Record<LiveState | TroubleKind | "unlisted", [word: string, meaning: string]>> = {
  live: ["live", "Changes appear here as they are made"],
  connecting: ["connecting", "Connecting, to hear of changes"],
  unlisted: ["waiting", "Nobody is listed, so no change can appear"],
  offline: ["offline", "Changes made elsewhere do not appear"],
  service: ["offline", "The service cannot be reached"],
  caller: ["unknown", "The service does not know you any more"],
  credentials: ["refused", "Zoom refuses the credentials: nothing can be read or changed"],
  zoom: ["no Zoom", "Zoom does not answer: nothing can be read or changed"],
  limit: ["limited", "Zoom’s calls for this account are used up"],
};

/** How things are with the connection: as bad as what is worst. */
function Live() {
  const { live, health, unlisted } = useDesk();
  const state = health.trouble?.kind ?? (live === "live" && unlisted ? "unlisted" : live);
  const [word, meaning] = liveWords[state];
  return (
    <span className={`live ${state}`} role="status" title={meaning}>
      <span aria-hidden="true">●</span> {word}
    </span>
  );
}

export function TopBar() {
  const { facts, viewer, limits, leave, openOperator } = useDesk();
  const theme = useTheme();
  const lacks = (["WRITE", "SECRETS"] as const).filter((permission) => !viewer.permissions.includes(permission));
  return (
    <header className="topbar">
      <h1>
        <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
          <path d="M3 4h10L3 12h10" fill="none" stroke="currentColor" strokeWidth="2.2" />
        </svg>
        zoomgraph
      </h1>
      <span className="account" title={facts.sandbox ? "Made-up people, answered by an embedded Zoom" : undefined}>
        {facts.sandbox ? "made-up account" : (viewer.account ?? "own account")}
      </span>
      <div className="budget" role="group" aria-label="Budget of the account’s Zoom calls">
        {limits.length === 0 ? <span className="quiet">calls are not paced</span> : null}
        {limits.filter(isUsed).map((limit) => (
          <Meter key={limit.label} limit={limit} />
        ))}
      </div>
      <Live />
      <nav aria-label="Pages">
        <a href="graphiql">GraphiQL</a>
        {facts.introspection && <a href="docs/">Reference</a>}
      </nav>
      <button
        type="button"
        className="plain"
        onClick={openOperator}
        title="Zoom, the budget, and names that are unknown"
      >
        Service
      </button>
      <button type="button" className="plain" onClick={showKeys} title="The list of keys: ?">
        Keys
      </button>
      <button type="button" className="plain" onClick={() => chooseTheme(theme === "dark" ? "light" : "dark")}>
        {theme === "dark" ? "Light" : "Dark"}
      </button>
      <div className="viewer">
        <span title={methods[viewer.method]}>{viewer.method === "ANYONE" ? "anyone" : viewer.name}</span>
        {lacks.length > 0 && (
          <span className="lacks" title="Permissions that your caller lacks; whoever runs the service can give them">
            {lacks.map((permission) => (permission === "WRITE" ? "read only" : "no secrets")).join(", ")}
          </span>
        )}
        {viewer.method !== "ANYONE" && (
          <button
            type="button"
            className="plain"
            title={viewer.method === "KEY" ? "Forget the key" : undefined}
            onClick={leave}
          >
            {viewer.method === "SIGN_IN" ? "Sign out" : "Leave"}
          </button>
        )}
      </div>
    </header>
  );
}

/** The console makes medium and light calls; other labels are shown once something of theirs is used. */
function isUsed(limit: Limit): boolean {
  return limit.label === "MEDIUM" || limit.label === "LIGHT" || limit.waiting > 0;
}

function Meter({ limit }: { limit: Limit }) {
  const name = limit.label.replaceAll("_", " ").toLowerCase();
  const full = Math.max(limit.limit, 1);
  // After a refusal the limit is lower for a while than what had been saved up.
  const remaining = Math.min(limit.remaining, Math.round(full));
  const used = Math.max(0, Math.min(1, 1 - remaining / full));
  const words = `${name}: ${remaining} of ${Math.round(full)} calls a second left, ${limit.waiting} waiting, ${limit.refused} refused by Zoom`;
  const day = limit.dailyLimit ? `; ${limit.dailyRemaining} of ${limit.dailyLimit} left today` : "";
  return (
    <span className="meter" title={words + day}>
      <span className="unseen">{words + day}</span>
      <span aria-hidden="true">
        {name} <b>{remaining}</b>/{Math.round(full)}
        {limit.waiting > 0 && <em> {limit.waiting} waiting</em>}
        {limit.refused > 0 && <em> {limit.refused} refused</em>}
      </span>
      <svg className="bar" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">
        <rect className="whole" width="100" height="3" />
        <rect className="used" width={used * 100} height="3" />
      </svg>
    </span>
  );
}
