// This file judges by every answer whether all is well on the way to Zoom: whether the service answers, knows who asks,
// and gets answers from Zoom. There is one trouble at most, the nearest one; it begins and ends with an answer. Where
// no answer has said anything for a while, and while there is trouble, it asks for something small (probe), so that
// what it says is true also when nobody does anything. Start reading at hear.

import { createRequest, getOperationName } from "@urql/core";
import { type Answer, type Ask, isRefused, isUnanswered, type Problem } from "./ask";

/** What is wrong, the nearest first. */
export type TroubleKind =
  | "service" // it does not answer
  | "caller" // it does not know who asks
  | "credentials" // Zoom does not accept the service's
  | "zoom" // it does not answer, or what answers is not Zoom
  | "limit"; // the account's calls are used up for a long time

export interface Trouble {
  readonly kind: TroubleKind;
  readonly problem: Problem;
}

/** Whether Zoom answers, for those who want to know if it is only they who are not answered. */
export interface Pulse {
  /** Grows with each answer of Zoom's. */
  readonly beats: number;
}

/** A pulse where nobody looks: Zoom counts as if it answered all the time. */
export function steady(): Pulse {
  let n = 0;
  return {
    get beats() {
      return ++n;
    },
  };
}

export interface Probe {
  /** Asks for something small that only Zoom can answer. */
  zoom(ask: Ask, signal: AbortSignal): Promise<Answer<unknown>>;
  /** Asks for something that the service answers alone. */
  service(ask: Ask, signal: AbortSignal): Promise<Answer<unknown>>;
}

/** How long nothing is heard of Zoom before it is asked, in milliseconds. */
const quiet = 15_000;
/** The first and the longest wait before Zoom is asked again while there is trouble. */
const [soon, late] = [2000, 15_000];
/** How long a probe may take. */
const patience = 8000;
/** How far ahead calls have to be allowed again for that to be a trouble, and not only a pause. */
const longTime = 120_000;

export class Health implements Pulse {
  beats = 0;
  /** How often a trouble has ended. */
  recoveries = 0;
  private service: Problem | undefined;
  private caller: Problem | undefined;
  private zoom: Trouble | undefined;
  /** What has used up the account's calls, and what lacks which scopes: by the operation's name. */
  private readonly limits = new Map<string, Problem>();
  private readonly scopes = new Map<string, readonly string[]>();
  private heardAt: number;
  private probedAt = 0;
  private failures = 0;
  /** Something failed that may be the whole way to Zoom, or its own matter only. */
  private doubt = false;
  private probing = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watching = false;
  private closed = new AbortController();
  private recovered = () => {};

  /** change is called when what it says has changed; hidden says that nobody can see the page: then it does not probe. */
  constructor(
    private readonly send: Ask,
    private readonly probe: Probe,
    private readonly change: () => void,
    private readonly now: () => number = Date.now,
    private readonly hidden: () => boolean = () => document.hidden,
  ) {
    this.heardAt = now();
  }

  get trouble(): Trouble | undefined {
    if (this.service) return { kind: "service", problem: this.service };
    if (this.caller) return { kind: "caller", problem: this.caller };
    if (this.zoom) return this.zoom;
    const problem = [...this.limits.values()].find(({ retryAt = 0 }) => retryAt > this.now());
    return problem && { kind: "limit", problem };
  }

  /** The scopes that the app lacks, by the names of the operations that need them. */
  get missing(): ReadonlyMap<string, readonly string[]> {
    return this.scopes;
  }

  /** Asks as it was given to, and hears what is answered. */
  readonly ask: Ask = async (document, variables, options) => {
    const answer = await this.send(document, variables, options);
    this.hear(getOperationName(createRequest(document, variables).query) ?? "", answer);
    return answer;
  };

  /** Begins to look after what is not heard of; recovered is called when a trouble is over. close ends it. */
  watch(recovered: () => void = () => {}): void {
    this.watching = true;
    this.closed = new AbortController();
    this.recovered = recovered;
    this.schedule();
  }

  close(): void {
    this.watching = false;
    this.closed.abort();
    clearTimeout(this.timer);
  }

  /** Looks now, unless it has just looked: to be called when the page is seen again. */
  look(): void {
    if (this.watching && !this.probing && this.now() - this.probedAt >= soon) void this.examine();
    else this.schedule();
  }

  /** Takes an answer for what it says. A probe's answer decides; of others, one that failed may be about its own matter. */
  private hear(name: string, answer: Answer<unknown>, decides = false): void {
    const { problems } = answer;
    const of = (...codes: string[]) => problems.find(({ code }) => codes.includes(code));
    if (of("STOPPED")) return;
    const before = this.state();
    const wasTrouble = Boolean(this.trouble);
    this.service = of("OFFLINE");
    if (!this.service) {
      this.caller = of("UNAUTHENTICATED");
      this.hearZoom(answer, decides);
      if (name !== "Change") this.note(this.limits, name, answer, this.usedUp(problems)); // writes have limits a person
      this.note(this.scopes, name, answer, of("SCOPE_MISSING")?.missingScopes);
    }
    if (!this.trouble) this.failures = 0;
    if (this.state() !== before) this.change();
    this.schedule();
    if (!wasTrouble || this.trouble) return;
    this.recoveries++;
    this.recovered();
  }

  private hearZoom({ data, problems, zoom }: Answer<unknown>, decides: boolean): void {
    const refused = problems.find(isRefused);
    const failed = problems.find(isUnanswered);
    if (refused) this.zoom = { kind: "credentials", problem: refused };
    else if (failed && (decides || this.zoom)) this.zoom = { kind: "zoom", problem: failed };
    else if (failed) this.doubt = true;
    else if ((zoom.cost?.calls ?? 0) > 0 || (decides && data)) {
      this.zoom = undefined;
      this.beats++;
    } else return;
    this.heardAt = this.now();
  }

  private usedUp(problems: readonly Problem[]): Problem | undefined {
    return problems.find(({ code, retryAt = 0 }) => code === "RATE_LIMITED" && retryAt > this.now() + longTime);
  }

  // What was noted of an operation is so until the same operation is answered by Zoom without it.
  private note<T>(in_: Map<string, T>, name: string, { problems, zoom }: Answer<unknown>, what: T | undefined): void {
    if (what) in_.set(name, what);
    else if (problems.length === 0 && (zoom.cost?.calls ?? 0) > 0) in_.delete(name);
  }

  /** What listeners are told changes of. */
  private state(): string {
    const { kind, problem } = this.trouble ?? {};
    return JSON.stringify([kind, problem?.code, problem?.message, [...this.scopes]]);
  }

  private schedule(): void {
    clearTimeout(this.timer);
    // Where the service does not know who asks, only a person can help.
    if (this.watching && !this.probing && !this.caller) this.timer = setTimeout(() => this.look(), this.wait());
  }

  /** How long it waits before it looks by itself, counted from when it looked last: answers meanwhile do not put it off. */
  private wait(): number {
    const { kind } = this.trouble ?? {};
    const isAway = kind !== undefined && kind !== "limit";
    const pause = isAway ? Math.min(soon * 2 ** this.failures, late) : soon;
    const from = isAway || this.doubt ? this.probedAt + pause : Math.max(this.probedAt + pause, this.heardAt + quiet);
    return Math.max(0, from - this.now());
  }

  private async examine(): Promise<void> {
    if (this.hidden()) return;
    clearTimeout(this.timer);
    this.probing = true;
    this.doubt = false;
    this.probedAt = this.now();
    const { beats } = this;
    const { signal } = this.closed;
    let answer = await inTime(this.probe.zoom, this.send, signal);
    if (!answer && !signal.aborted) {
      // It took too long: is it Zoom, or the service itself?
      const service = await inTime(this.probe.service, this.send, signal);
      const [code, who] = service ? ["UPSTREAM_TIMEOUT", "Zoom"] : ["OFFLINE", "the service"];
      answer = { data: null, problems: [{ code, message: `${who} does not answer` }], zoom: {} };
    }
    this.probing = false;
    if (!answer || signal.aborted) return;
    this.failures++;
    // Where something else was answered meanwhile, slowness is no trouble.
    if (answer.data || this.beats === beats) this.hear("Probe", answer, true);
    else this.schedule();
  }
}

/** What a probe is answered; undefined where it takes too long, or nobody wants to know any more. */
async function inTime(probe: Probe["zoom"], ask: Ask, closed: AbortSignal): Promise<Answer<unknown> | undefined> {
  const controller = new AbortController();
  const end = () => {
    clearTimeout(timer);
    controller.abort();
  };
  const timer = setTimeout(end, patience);
  closed.addEventListener("abort", end);
  const answer = await probe(ask, controller.signal);
  clearTimeout(timer);
  closed.removeEventListener("abort", end);
  return controller.signal.aborted ? undefined : answer;
}
