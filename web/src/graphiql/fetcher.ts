import type { GraphiQLProps } from "graphiql";
import { type DocumentNode, getOperationAST, parse } from "graphql";
import * as sse from "graphql-sse";
import * as ws from "graphql-ws";
import { identified } from "../shared/key";
import { end } from "../shared/socket";
import { ask, endpoint, type Headers, type Params, type Result, told } from "./ask";
import { answered, begin } from "./runs";

// How operations are sent: over HTTP, and subscriptions over a WebSocket or as server-sent events. Each asks for its
// trace, which the calls panel shows.

export type Transport = "ws" | "sse";

/** What a request is sent with, and whom it tells. */
export interface Way {
  transport(): Transport;
  /** The tab that runs the operation. */
  tab(): string;
  /** The service wants to know who calls. */
  refused(): void;
}

type Fetcher = GraphiQLProps["fetcher"];

interface Sink {
  next(result: unknown): void;
  error(error: unknown): void;
  complete(): void;
}

const traced: Headers = { "X-Zoomgraph-Trace": "1" };

/** What GraphiQL sends its operations with. */
export function fetcherOf(way: Way): Fetcher {
  return ({ query, variables, operationName: wanted }, options) => {
    const { streams, operationName } = chosen(query, wanted);
    const params: Params = { query, variables, operationName };
    const headers: Headers = { ...traced, ...options?.headers };
    if (operationName === "IntrospectionQuery") return ask(params, headers, way) as ReturnType<Fetcher>;
    const tab = way.tab();
    begin(tab, streams);
    const start = !streams ? overHTTP(way) : way.transport() === "ws" ? overSocket(way) : overEvents(way);
    const answers = {
      subscribe(sink: Sink) {
        const stop = start(params, headers, {
          next(result) {
            answered(tab, (result as Result).extensions?.zoom);
            sink.next(result);
          },
          error: (error) => sink.error(error),
          complete: () => sink.complete(),
        });
        return { unsubscribe: stop };
      },
    };
    return answers as ReturnType<Fetcher>; // GraphiQL subscribes with a sink, and in no other way
  };
}

/** The operation that is meant. GraphiQL goes on naming that of the tab before for a moment. */
export function chosen(
  query: string,
  wanted?: string | null,
): { streams: boolean; operationName?: string | null | undefined } {
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch {
    return { streams: false, operationName: wanted }; // the service says what is wrong with it
  }
  const operation = getOperationAST(document, wanted) ?? getOperationAST(document);
  if (!operation) return { streams: false, operationName: wanted };
  return { streams: operation.operation === "subscription", operationName: operation.name?.value };
}

/** Sends an operation; the function it returns ends it. */
type Start = (params: Params, headers: Headers, sink: Sink) => () => void;

function overHTTP(way: Way): Start {
  return (params, headers, sink) => {
    const abort = new AbortController();
    ask(params, headers, way, abort.signal).then(
      (result) => {
        sink.next(result);
        sink.complete();
      },
      (error: unknown) => {
        if (!abort.signal.aborted) sink.error(error);
      },
    );
    return () => abort.abort();
  };
}

function overSocket(way: Way): Start {
  return (params, headers, sink) => {
    const url = new URL(endpoint, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const client = ws.createClient({ url: url.href, connectionParams: identified(headers) });
    const stop = client.subscribe(params as ws.SubscribePayload, {
      next: (result) => sink.next(result),
      error: (error) => sink.error(explained(error, way)),
      complete: () => sink.complete(),
    });
    return () => {
      stop();
      end(client);
    };
  };
}

/** The codes with which a socket is closed for who asks. */
const unknownCaller = [4401, 4403];

/** Why a socket closed, for people; what else went wrong as it is. */
function explained(error: unknown, way: Pick<Way, "refused">): unknown {
  if (!(error instanceof CloseEvent)) return error;
  if (unknownCaller.includes(error.code)) way.refused();
  return told(`The socket was closed: ${error.reason || "no reason was given"} (${error.code}).`);
}

function overEvents(way: Way): Start {
  return (params, headers, sink) => {
    const client = sse.createClient({
      url: endpoint,
      headers: identified(headers),
    });
    const stop = client.subscribe(params as sse.RequestParams, {
      next: (result) => sink.next(result),
      error: (error) => sink.error(explainedStream(error, way)),
      complete: () => sink.complete(),
    });
    return () => {
      stop();
      client.dispose();
    };
  };
}

function explainedStream(error: unknown, way: Pick<Way, "refused">): unknown {
  if (!(error instanceof sse.NetworkError)) return error;
  if (error.response?.status === 401) way.refused();
  return told(`The stream was refused: ${error.response ? error.response.status : error.message}.`);
}
