// The loader fills the board: people page by page, then their settings, twenty people a request, a few requests at a
// time, from the top of what is visible. The service paces the calls; the loader only keeps it busy, says how far it
// is, and asks again what the account's limit did not allow.

import type { PeopleQuery } from "../../gql/graphql";
import type { Answer, Ask, Problem } from "./ask";
import { type Board, missing, type Person, type Status } from "./board";
import { type Json, type Setting, valueAt, viewsOf } from "./catalogue";
import { type Cell, cell, loading } from "./cell";
import { groupsDocument, peopleDocument, rolesDocument } from "./documents";
import { cellsDocument, maxPeople } from "./written";

/** How many people a page of the list has: as many as Zoom answers a call. */
const pageSize = 300;

/** How many requests are under way together. */
const width = 3;

/** How often the same is asked in all before it is left as it is. */
const tries = 5;

export interface Progress {
  /** What goes on: nothing, people are listed, cells are read, it waits for the account's limit, or it was cancelled. */
  state: "idle" | "people" | "cells" | "waiting" | "cancelled";
  /** People whose settings are there, of how many. */
  done: number;
  expected: number;
  /** Calls to Zoom, reads that cost none, and how long calls waited for their turn, since the last start. */
  calls: number;
  saved: number;
  waitedMs: number;
  /** Calls a second, lately. */
  rate: number;
  /** Seconds that are left, at that rate; undefined where it cannot be told. */
  left?: number;
  /** Requests that the account's limit did not allow, since the last start. */
  limited: number;
  /** What kept the loader from going on. */
  problems: Problem[];
}

interface Chunk {
  rows: number[];
  settings: Setting[];
}

export class Loader {
  progress: Progress = fresh();
  private columns: readonly Setting[] = [];
  private queue = new Set<number>(); // rows with columns that nobody has asked for
  private readonly failures = new Map<number, number>(); // tries of a row so far
  private running = 0;
  private controller = new AbortController();
  private visible: readonly number[] = [];
  private listing = 0;
  private readonly calls: { at: number; n: number }[] = [];
  private pausedUntil = 0;

  constructor(
    private readonly board: Board,
    private readonly ask: Ask,
    private readonly now: () => number = Date.now,
  ) {}

  /** Says which settings are wanted; those that are not there yet are asked for. */
  setColumns(columns: readonly Setting[]): void {
    this.columns = columns;
    this.fill();
  }

  /** Says which rows are in sight, from the top: these are asked for first. */
  see(rows: readonly number[]): void {
    this.visible = rows;
  }

  /** Lists the people of these statuses, and reads their settings. People who are there already stay. */
  async start(statuses: readonly Status[]): Promise<void> {
    if (this.progress.state === "cancelled" || this.progress.state === "idle") this.progress = fresh();
    this.renew();
    const { signal } = this.controller;
    this.listing++;
    this.settle();
    await Promise.all([this.names(signal), ...statuses.map((status) => this.list(status, signal))]);
    this.listing--;
    this.settle();
  }

  /** Stops. What came stays. */
  cancel(): void {
    this.controller.abort();
    for (const row of this.board.people.keys()) this.unload(row, this.columns);
    this.queue.clear();
    this.pausedUntil = 0;
    this.progress = { ...this.progress, state: "cancelled" };
    this.board.touch();
  }

  /** Goes on where cancel stopped. */
  resume(): void {
    this.renew();
    this.progress = { ...this.progress, state: "idle", problems: [] };
    this.failures.clear();
    this.fill();
  }

  /** Reads everything anew. */
  async reload(statuses: readonly Status[]): Promise<void> {
    this.cancel();
    this.board.forgetCells();
    this.failures.clear();
    await this.start(statuses);
    this.fill();
  }

  /** Reads settings of one person anew, before all else. */
  refresh(row: number, of: readonly Setting[]): void {
    void this.request({ rows: [row], settings: [...of] }, false);
  }

  private renew(): void {
    if (this.controller.signal.aborted) this.controller = new AbortController();
  }

  private async names(signal: AbortSignal): Promise<void> {
    if (this.board.groups.size > 0 && this.board.roles.size > 0) return;
    const [groups, roles] = await Promise.all([
      this.ask(groupsDocument, {}, { signal }),
      this.ask(rolesDocument, {}, { signal }),
    ]);
    // Without the scopes for them, groups and roles are called by their ids.
    if (groups.data) this.board.setGroups(groups.data.groups.nodes.map(({ id, name }) => ({ id, name: name ?? id })));
    if (roles.data) this.board.setRoles(roles.data.roles.nodes.map(({ id, name }) => ({ id, name: name ?? id })));
  }

  private async list(status: Status, signal: AbortSignal): Promise<void> {
    let after: string | null = null;
    for (let failed = 0; !signal.aborted; ) {
      const answer: Answer<PeopleQuery> = await this.ask(
        peopleDocument,
        { first: pageSize, after, status },
        { signal },
      );
      if (signal.aborted) return;
      this.count(answer.zoom.cost);
      const page = answer.data?.users;
      if (!page) {
        if (!(await this.patience(answer.problems, ++failed, signal))) return;
        continue;
      }
      this.board.addPeople(page.nodes.map((node) => personOf({ ...node, status: node.status ?? status })));
      this.fill();
      if (!page.pageInfo.hasNextPage) return;
      after = page.pageInfo.endCursor ?? null;
    }
  }

  /** Puts rows with columns that nobody asked for into the queue, and sees to it that it is worked on. */
  private fill(): void {
    if (this.progress.state === "cancelled") return;
    this.queue = new Set();
    this.board.people.forEach((person, row) => {
      const wanted = missing(this.board, row, this.columns);
      if (wanted.length === 0 || (this.failures.get(row) ?? 0) >= tries) return;
      if (person.status === "PENDING") this.mark(row, wanted, cell("pending"));
      else this.queue.add(row);
    });
    this.work();
    this.settle();
  }

  private work(): void {
    while (this.running < width && this.now() >= this.pausedUntil) {
      const chunk = this.next();
      if (!chunk) return;
      this.running++;
      void this.request(chunk, true).then(() => {
        this.running--;
        this.work();
        this.settle();
      });
    }
  }

  /** Takes people who lack the same settings from the queue: those in sight first, then the others in order. */
  private next(): Chunk | undefined {
    const rows: number[] = [];
    let settings: Setting[] = [];
    let key = "";
    const take = (row: number): boolean => {
      if (!this.queue.has(row)) return true;
      const wanted = missing(this.board, row, this.columns);
      const its = wanted.map((setting) => setting.id).join();
      if (wanted.length === 0) this.queue.delete(row);
      else if (rows.length === 0 || its === key) {
        settings = wanted;
        key = its;
        rows.push(row);
        this.queue.delete(row);
      }
      return rows.length < maxPeople;
    };
    if (this.visible.every(take)) [...this.queue].every(take);
    if (rows.length === 0) return undefined;
    return { rows, settings };
  }

  /** Asks for one chunk, and puts the answer on the board. */
  private async request({ rows, settings }: Chunk, counted: boolean): Promise<void> {
    const { signal } = this.controller;
    if (counted) for (const row of rows) this.mark(row, settings, loading);
    const variables = Object.fromEntries(rows.map((row, i) => [`u${i}`, this.board.people[row]?.id ?? ""]));
    const answer = await this.ask(cellsDocument(settings, rows.length), variables, { signal });
    if (signal.aborted) return;
    this.count(answer.zoom.cost);
    const reading = new Reading(answer.problems, answer.zoom.absent ?? [], answer.zoom.stale ?? []);
    const again: { row: number; problem: Problem }[] = [];
    rows.forEach((row, i) => {
      const problem = answer.data ? reading.problemAt([`u${i}`], [`u${i}`, "settings"]) : answer.problems[0];
      if (problem && isPassing(problem)) again.push({ row, problem });
      for (const setting of settings) {
        const path = [`u${i}`, "settings", ...setting.path];
        const value = valueAt(answer.data?.[`u${i}`]?.settings, setting.path) as Json | undefined;
        this.board.setCell(row, setting.id, problem ? cellOf(problem) : reading.cell(path, value));
      }
    });
    if (again.length > 0) await this.again(again, settings, signal);
  }

  /** Asks for rows again after a pause, unless that was done often enough. */
  private async again(
    of: { row: number; problem: Problem }[],
    settings: Setting[],
    signal: AbortSignal,
  ): Promise<void> {
    const problems = of.map(({ problem }) => problem);
    const failed = Math.max(...of.map(({ row }) => (this.failures.get(row) ?? 0) + 1));
    for (const { row } of of) this.failures.set(row, failed);
    if (!(await this.patience(problems, failed, signal))) return;
    for (const { row } of of) {
      this.mark(row, settings, undefined);
      this.queue.add(row);
    }
    this.work();
  }

  /** Waits for as long as problems want it; false where there is no point in it. */
  private async patience(problems: readonly Problem[], failed: number, signal: AbortSignal): Promise<boolean> {
    const passing = problems.filter(isPassing);
    if (passing.some((problem) => problem.code === "RATE_LIMITED")) this.progress.limited++;
    if (passing.length < problems.length || failed >= tries) {
      this.progress = { ...this.progress, problems: [...problems.slice(0, 3)] };
      this.board.touch();
      return false;
    }
    const retryAt = Math.max(...passing.map((problem) => problem.retryAt ?? 0));
    const pause = Math.min(Math.max(retryAt - this.now(), 500 * 2 ** failed), 60_000);
    this.pausedUntil = Math.max(this.pausedUntil, this.now() + pause);
    this.settle();
    await new Promise<void>((done) => {
      const timer = setTimeout(done, pause);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        done();
      });
    });
    return !signal.aborted;
  }

  private mark(row: number, settings: readonly Setting[], as: Cell | undefined): void {
    for (const setting of settings) this.board.setCell(row, setting.id, as);
  }

  private unload(row: number, settings: readonly Setting[]): void {
    for (const setting of settings) {
      if (this.board.cell(row, setting.id)?.state === "loading") this.board.setCell(row, setting.id, undefined);
    }
  }

  private count(cost: { calls: number; cached: number; coalesced: number; waitedMs: number } | undefined): void {
    if (!cost) return;
    this.progress.calls += cost.calls;
    this.progress.saved += cost.cached + cost.coalesced;
    this.progress.waitedMs += cost.waitedMs;
    this.calls.push({ at: this.now(), n: cost.calls });
  }

  /** Works out how far it is. */
  private settle(): void {
    if (this.progress.state === "cancelled") return;
    const expected = this.board.people.length;
    const underway = this.board.people.reduce((n, _, row) => n + (this.isOpen(row) ? 1 : 0), 0);
    const busy = this.running > 0 || this.queue.size > 0;
    const state =
      !busy && this.listing === 0 ? "idle" : this.now() < this.pausedUntil ? "waiting" : busy ? "cells" : "people";
    const rate = this.recent();
    const remaining = underway * viewsOf(this.columns);
    const left = busy && rate > 0 ? remaining / rate : undefined;
    this.progress = { ...this.progress, state, expected, done: expected - underway, rate, left };
    this.board.touch();
  }

  private isOpen(row: number): boolean {
    return this.columns.some((setting) => {
      const state = this.board.cell(row, setting.id)?.state;
      return state === undefined || state === "loading";
    });
  }

  /** Calls a second over the last seconds. */
  private recent(): number {
    const span = 4000;
    const now = this.now();
    while (this.calls[0] && this.calls[0].at < now - span) this.calls.shift();
    const first = this.calls[0];
    if (!first) return 0;
    const n = this.calls.reduce((sum, { n }) => sum + n, 0);
    return n / Math.max((now - first.at) / 1000, 1);
  }
}

function fresh(): Progress {
  return { state: "idle", done: 0, expected: 0, calls: 0, saved: 0, waitedMs: 0, rate: 0, limited: 0, problems: [] };
}

/** Whether a problem goes away by itself. */
function isPassing(problem: Problem): boolean {
  return ["RATE_LIMITED", "UPSTREAM_UNAVAILABLE", "UPSTREAM_TIMEOUT", "OFFLINE"].includes(problem.code);
}

/** What a problem with somebody's settings looks like in each of their cells. */
function cellOf(problem: Problem): Cell {
  switch (problem.code) {
    case "INVITATION_PENDING":
      return cell("pending");
    case "RATE_LIMITED":
      return { state: "limited", message: problem.message };
    default:
      return { state: "error", message: [problem.message, problem.hint].filter(Boolean).join("; ") };
  }
}

interface Node {
  id: string;
  email?: string | null;
  firstName?: string | null;
  lastName?: string | null;
  displayName?: string | null;
  dept?: string | null;
  roleId?: string | null;
  groupIds?: string[] | null;
  status: Status;
}

function personOf(node: Node): Person {
  const name = node.displayName || [node.firstName, node.lastName].filter(Boolean).join(" ");
  return {
    id: node.id,
    name: name || node.email || node.id,
    email: node.email ?? "",
    dept: node.dept ?? "",
    roleId: node.roleId ?? "",
    groupIds: node.groupIds ?? [],
    status: node.status,
  };
}

/** An answer's problems, absences and old values, by their paths. */
class Reading {
  private readonly problems = new Map<string, Problem>();
  private readonly reasons = new Map<string, string>();
  private readonly old: [string, string][];

  constructor(
    problems: readonly Problem[],
    absent: readonly { path: (string | number)[]; reason: string }[],
    stale: readonly { path: (string | number)[]; asOf: string }[],
  ) {
    for (const problem of problems) if (problem.path) this.problems.set(problem.path.join("."), problem);
    for (const { path, reason } of absent) this.reasons.set(path.join("."), reason);
    this.old = stale.map(({ path, asOf }) => [path.join("."), asOf]);
  }

  problemAt(...paths: string[][]): Problem | undefined {
    return paths.map((path) => this.problems.get(path.join("."))).find(Boolean);
  }

  /** The cell of a leaf. A null whose reason is not listed, since such lists are bounded, is absent. */
  cell(path: string[], value: Json | undefined): Cell {
    const at = path.join(".");
    const problem = this.problems.get(at);
    if (problem?.code === "FORBIDDEN") return cell("withheld");
    if (problem) return { state: "error", message: problem.message };
    if (value === null || value === undefined) {
      const reason = path.map((_, i) => this.reasons.get(path.slice(0, path.length - i).join("."))).find(Boolean);
      if (reason === "NOT_IN_VIEW") return cell("notInView");
      if (reason === "UNKNOWN_VALUE") return cell("unknown");
      return reason === "LIMITED" ? cell("limited") : cell("absent");
    }
    const staleSince = this.old.find(([old]) => at === old || at.startsWith(`${old}.`))?.[1];
    return staleSince ? { state: "value", value, staleSince } : cell("value", value);
  }
}
