import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";

// The service and the embedded Zoom as a person starts them: the built binary, with options.

const binary = resolve(import.meta.dirname, "../../bin/zoomgraph");

/** A process that was started, and the address that it printed. */
export interface Started {
  url: string;
  /** The embedded Zoom that it has, where it printed one. */
  zoom(): string;
  /** Sends it a signal. */
  signal(name: NodeJS.Signals): void;
  /** Ends it, and waits for that. */
  stop(): Promise<void>;
}

/** Starts the service on a free port; without credentials in env on an embedded Zoom of its own. */
export function startService(args: string[] = [], env: Record<string, string> = {}): Promise<Started> {
  return start(["serve", "--addr", "127.0.0.1:0", ...args], env, /GraphQL\s+(http:\S+)\/graphql/);
}

/** Starts an embedded Zoom alone, such as one with limits: ["--users", "500", "--rps", "medium=60"]. */
export function startZoom(args: string[] = []): Promise<Started> {
  return start(["sandbox", "--addr", "127.0.0.1:0", ...args], {}, /API\s+(http:\S+)\/v2/);
}

/** The environment of a service that acts for that Zoom. */
export function credentials(zoom: Started): Record<string, string> {
  return {
    ZOOM_API_URL: `${zoom.url}/v2`,
    ZOOM_OAUTH_URL: `${zoom.url}/oauth`,
    ZOOM_ACCOUNT_ID: "acct",
    ZOOM_CLIENT_ID: "client",
    ZOOM_CLIENT_SECRET: "secret",
  };
}

/** A call in the embedded Zoom's log. */
export interface LoggedCall {
  n: number;
  method: string;
  path: string;
  query: string;
  status: number;
  label: string;
}

/** The calls that the embedded Zoom has answered since the n-th; its log is bounded. */
export async function callsSince(zoom: Started, n: number): Promise<LoggedCall[]> {
  const response = await fetch(`${zoom.url}/__log?since=${n}`);
  return response.json();
}

/** The number of the last call that it has answered. */
export async function lastCall(zoom: Started): Promise<number> {
  return (await callsSince(zoom, 0)).at(-1)?.n ?? 0;
}

/** Configures an embedded Zoom: its limits, latency and faults. */
export async function configure(zoom: Pick<Started, "url">, config: object): Promise<void> {
  const response = await fetch(`${zoom.url}/__config`, { method: "POST", body: JSON.stringify(config) });
  if (!response.ok) throw new Error(await response.text());
}

/** Lets somebody else change settings of a person through a service. */
export async function change(service: Started, id: string, input: object): Promise<void> {
  const query =
    "mutation($id: ID!, $input: UserSettingsInput!) { updateUserSettings(id: $id, input: $input) { user { id } } }";
  const response = await fetch(`${service.url}/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query, variables: { id, input } }),
  });
  const { errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
}

function start(args: string[], env: Record<string, string>, address: RegExp): Promise<Started> {
  const child = spawn(binary, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise((done, fail) => {
    let printed = "";
    const timer = setTimeout(() => {
      child.kill();
      fail(new Error(`no address within 20 s:\n${printed}`));
    }, 20_000);
    const read = (chunk: Buffer) => {
      printed += chunk;
      const url = address.exec(printed)?.[1];
      if (!url) return;
      clearTimeout(timer);
      const zoom = () => /embedded sandbox at (http:\S+)/.exec(printed)?.[1] ?? "";
      done({ url, zoom, signal: (name) => child.kill(name), stop: () => stop(child) });
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) => {
      clearTimeout(timer);
      fail(new Error(`${args[0]} ended with ${code}:\n${printed}`));
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  await ended;
}
