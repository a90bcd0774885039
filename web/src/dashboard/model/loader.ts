// The loader fills the board: people page by page, then their settings, twenty people a request, a few requests at a
// time, from the top of what is visible. The service paces the calls; the loader only keeps it busy, says how far it
// is, and asks again what the account's limit did not allow.
//
// A row of whose cells some were never asked for is in the queue. What is asked for is a chunk: it is under way, or it
// waits to be asked again, ready or for its time. Cancelling takes all chunks back, so that no cell stays "loading".

import type { AnyVariables, DocumentInput } from "@urql/core";
import type { Answer, Ask, Explanation, Problem } from "./ask";
import { type Board, missing, type Status } from "./board";
import { type Setting, viewsOf } from "./catalogue";
import { cell, loading } from "./cell";
import { type Chunk, gather, isOpen, mark, unload } from "./chunk";
import { type Pulse, steady } from "./health";
import { Lists } from "./lists";
import { fresh, isAtRest, isHalted, Meter, type Progress } from "./meter";
import { Pause } from "./pause";
import { failed, isGeneral, isPassing, isTrouble, Reading, waits } from "./reading";
import { cellsDocument, maxPeople } from "./written";

export type { Progress } from "./meter";

/** How many requests are under way together. */
const width = 3;

/** How often the same is asked in all before it is left as it is, where it is not only a question of time. */
const tries = 5;

/** Asks for what Zoom says now, not for what the service knows. */
const anew = { "Cache-Control": "no-cache" };

export class Loader {
  progress: Progress = fresh();
  private columns: readonly Setting[] = [];
  private visible: readonly number[] = [];
  private controller = new AbortController();
  private readonly queue = new Set<number>();
  private readonly underway = new Set<Chunk>();
  private readonly ready: Chunk[] = [];
  private readonly later = new Map<Chunk, ReturnType<typeof setTimeout>>();
  /** Rows of whose columns some have no answer. */
  private readonly open = new Set<number>();
  private readonly lists: Lists;
  private listing = 0;
  private readonly pause: Pause;
  private readonly meter: Meter;
  /** How many people a request asks about, and the most that the service's limit of calls allows. */
  private size = maxPeople;
  private most = maxPeople;
  private reloading = false;
  private lasting: Problem[] = [];
  private passing: Problem | undefined;

  constructor(
    private readonly board: Board,
    private readonly ask: Ask,
    now: () => number = Date.now,
    personal = false,
    private readonly pulse: Pulse = steady(),
  ) {
    this.pause = new Pause(now);
    this.meter = new Meter(now);
    this.lists = new Lists(
      board,
      (document, variables, signal) => this.insist(document, variables, signal),
      (ids) => {
        for (const id of ids) this.enqueue(board.rowOf(id));
        this.work();
        this.settle();
      },
      (problem) => {
        if (isGeneral(problem)) this.halt(problem);
        else this.keep(problem);
      },
      personal,
    );
  }

  /** Zoom lets the person who looks list nobody else. */
  get alone(): boolean {
    return this.lists.alone;
  }

  /** Whether nothing of what a view of these statuses and settings needs is being read, or about to be. */
  isSettled(statuses: readonly Status[], columns: readonly Setting[]): boolean {
    return columns === this.columns && this.lists.isWanted(statuses) && isAtRest(this.progress);
  }

  /** Whether all people of these statuses have been listed. */
  isListed(statuses: readonly Status[]): boolean {
    return this.lists.isDone(statuses);
  }

  /** Says which settings are wanted; those that are not there yet are asked for. */
  setColumns(columns: readonly Setting[]): void {
    this.columns = columns;
    this.fill();
  }

  /** Says which rows are in sight, from the top: these are asked for first. */
  see(rows: readonly number[]): void {
    this.visible = rows;
  }

  /**
   * Lists the people of these statuses, unless that was done, and reads their settings. People who are there already
   * stay. It is done when the lists are there.
   */
  async start(statuses: readonly Status[]): Promise<void> {
    if (isAtRest(this.progress)) {
      this.progress = fresh();
      this.meter.begin();
    }
    this.lists.want(statuses);
    await this.goOn();
  }

  /** Stops. What came stays. */
  cancel(): void {
    this.end("cancelled");
  }

  private end(state: "cancelled" | "stopped"): void {
    this.controller.abort();
    for (const chunk of [...this.underway, ...this.ready, ...this.later.keys()]) unload(this.board, chunk);
    for (const timer of this.later.values()) clearTimeout(timer);
    this.later.clear();
    this.ready.length = 0;
    this.underway.clear();
    this.queue.clear();
    this.pause.end();
    this.passing = undefined;
    this.progress = { ...this.progress, state, left: undefined, waitsFor: undefined, problems: this.lasting };
    this.board.touch();
  }

  /** Goes on where cancel stopped, and asks once more for what could not be read. */
  resume(): void {
    this.progress = { ...this.progress, state: "idle" };
    this.meter.begin();
    const sent = this.board.now();
    for (const { id } of this.columns) {
      this.board.column(id).forEach((cell, row) => {
        if (cell?.state === "error") this.board.setCell(row, id, undefined, sent);
      });
    }
    void this.goOn();
  }

  /** Goes on after a trouble that has kept everything from being read; what somebody cancelled stays so. */
  recover(): void {
    const { state } = this.progress;
    if (state === "cancelled" || (state === "stopped" && !this.lasting.some(isTrouble))) return;
    this.pause.end();
    this.resume();
  }

  /** Reads everything anew. */
  async reload(statuses: readonly Status[]): Promise<void> {
    this.cancel();
    this.board.forgetCells();
    this.lists.forget();
    this.reloading = true;
    await this.start(statuses);
  }

  /** Reads settings of one person anew, before all else, also while everything else is cancelled. */
  refresh(row: number, of: readonly Setting[]): void {
    if (of.length === 0 || !this.board.people[row]) return;
    for (const { id } of of) this.board.outdate(row, id);
    void this.request({ rows: [row], settings: [...of], failed: 0, refresh: true }).then(() => {
      this.work();
      this.settle();
    });
  }

  private async goOn(): Promise<void> {
    if (this.controller.signal.aborted) this.controller = new AbortController();
    const { signal } = this.controller;
    this.lasting = [];
    this.listing++;
    this.fill();
    await this.lists.read(signal).finally(() => this.listing--);
    this.settle();
  }

  /** Asks until there is an answer, or a problem that does not go away by itself. */
  private async insist<Data, Variables extends AnyVariables>(
    document: DocumentInput<Data, Variables>,
    variables: Variables,
    signal: AbortSignal,
  ): Promise<Answer<Data>> {
    for (let failed = 0, beats = -1; ; ) {
      await this.pause.over();
      const answer = await this.ask(document, variables, { signal, headers: this.reloading ? anew : undefined });
      if (signal.aborted) return answer;
      this.count(answer.zoom);
      const problem = answer.problems[0];
      if (answer.data) this.answered();
      if (answer.data || !problem || !isPassing(problem)) return answer;
      if (this.counts(problem, beats) && ++failed >= tries) return answer;
      beats = this.pulse.beats;
      if (problem.code === "RATE_LIMITED") this.progress.limited++;
      this.rest(problem);
    }
  }

  /** Whether a failure is the matter of what failed: Zoom has answered something since it failed before. */
  private counts({ code }: Problem, beats = -1): boolean {
    return !waits(code) && this.pulse.beats > beats;
  }

  /** Puts all rows with columns that nobody asked for into the queue, and sees to it that it is worked on. */
  private fill(): void {
    if (isHalted(this.progress)) return;
    this.queue.clear();
    for (const row of this.board.people.keys()) this.enqueue(row);
    this.work();
    this.settle();
  }

  private enqueue(row: number | undefined): void {
    const person = row === undefined ? undefined : this.board.people[row];
    if (row === undefined || !person) return;
    const wanted = missing(this.board, row, this.columns);
    if (wanted.length > 0 && person.status === "PENDING") {
      mark(this.board, { rows: [row], settings: wanted }, cell("pending"));
    } else if (wanted.length > 0) this.queue.add(row);
    this.look(row);
  }

  /** Sees whether all columns of a row have an answer. */
  private look(row: number): void {
    if (isOpen(this.board, row, this.columns)) this.open.add(row);
    else this.open.delete(row);
  }

  private work(): void {
    if (isHalted(this.progress)) return;
    const { signal } = this.controller;
    while (this.underway.size < width && this.pause.until === 0) {
      const chunk = this.next();
      if (!chunk) return;
      if (this.progress.state === "idle") this.meter.begin();
      this.underway.add(chunk);
      mark(this.board, chunk, loading);
      void this.request(chunk, signal).then(() => {
        this.underway.delete(chunk);
        this.work();
        this.settle();
      });
    }
  }

  /** What to ask now: what was asked before, or people who lack the same settings, those in sight first. */
  private next(): Chunk | undefined {
    return this.ready.shift() ?? gather(this.board, this.queue, this.visible, this.columns, this.size);
  }

  /** Asks for a chunk, and puts the answer on the board; it does not fail. */
  private async request(chunk: Chunk, signal?: AbortSignal): Promise<void> {
    const { rows, settings } = chunk;
    const sent = this.board.now();
    try {
      const variables = Object.fromEntries(rows.map((row, i) => [`u${i}`, this.board.people[row]?.id ?? ""]));
      const headers = this.reloading && !chunk.check ? anew : undefined;
      const answer = await this.ask(cellsDocument(settings, rows.length), variables, { signal, headers });
      if (signal?.aborted) return;
      this.count(answer.zoom);
      const reading = new Reading(answer);
      if (reading.refusal && this.refused(chunk, reading.refusal)) return;
      this.take(chunk, reading, sent);
    } catch (error) {
      if (signal?.aborted) return;
      mark(
        this.board,
        chunk,
        failed({ code: "INTERNAL", message: `a fault of this page: ${(error as Error).message}` }),
        sent,
      );
    }
    for (const row of rows) this.look(row);
  }

  /** Sees to what was refused as a whole, where something other is to be done than for a problem of each person. */
  private refused(chunk: Chunk, problem: Problem): boolean {
    const { rows } = chunk;
    const tooMuch = problem.tooLong || problem.code === "COST_LIMIT_EXCEEDED";
    if (tooMuch && rows.length > 1) {
      const half = Math.ceil(rows.length / 2);
      this.size = Math.min(this.size, half);
      if (!problem.tooLong) this.most = this.size;
      this.ready.push({ ...chunk, rows: rows.slice(0, half) }, { ...chunk, rows: rows.slice(half) });
      return true;
    }
    const ofThese = isPassing(problem) || problem.code === "INTERNAL" || problem.code.startsWith("UPSTREAM_");
    if (ofThese && !isGeneral(problem)) return false;
    this.halt(problem);
    return !chunk.refresh;
  }

  private take(chunk: Chunk, reading: Reading, sent: number): void {
    const { answered, again, unclear, general } = reading.sortOut(chunk.rows, chunk.settings, (row, { id }, cell) =>
      this.board.setCell(row, id, cell, sent),
    );
    if (answered) this.answered();
    for (const { problem, ...of } of again) if (problem) this.again({ ...chunk, ...of }, problem, !answered, sent);
    for (const of of unclear) this.check({ ...chunk, ...of }, reading.room, sent);
    if (general) this.halt(general);
  }

  /** Asks for a chunk again later, unless that was done often enough. */
  private again(chunk: Chunk, problem: Problem, whole: boolean, sent: number): void {
    const counts = this.counts(problem, chunk.beats);
    const next = { ...chunk, failed: chunk.failed + (counts ? 1 : 0), beats: this.pulse.beats };
    if (next.failed >= tries) {
      mark(this.board, next, failed(problem), sent);
      return;
    }
    const limited = problem.code === "RATE_LIMITED";
    if (limited) this.progress.limited++;
    mark(this.board, next, limited ? { state: "limited", message: problem.message } : loading, sent);
    if (isHalted(this.progress)) unload(this.board, next);
    else if (whole || waits(problem.code)) {
      this.ready.push(next);
      this.rest(problem);
    } else {
      const go = () => {
        this.later.delete(next);
        this.ready.push(next);
        this.work();
        this.settle();
      };
      this.later.set(next, setTimeout(go, 500 * 2 ** next.failed));
    }
  }

  /** Asks for what an answer had no room to tell, as few cells at a time as one has room for. */
  private check(chunk: Chunk, room: number, sent: number): void {
    const { rows, settings } = chunk;
    if (chunk.check && rows.length === 1) {
      const message = "more is wrong with this person’s settings than the service tells";
      mark(this.board, chunk, failed({ code: "INTERNAL", message }), sent);
      return;
    }
    if (isHalted(this.progress)) {
      unload(this.board, chunk);
      return;
    }
    const size = chunk.check ? 1 : Math.max(1, Math.floor(room / settings.length));
    for (let i = 0; i < rows.length; i += size) {
      this.ready.push({ ...chunk, rows: rows.slice(i, i + size), check: true });
    }
  }

  /** Pauses because of a problem, and goes on by itself. */
  private rest(problem: Problem): void {
    this.passing = problem;
    this.pause.begin(problem.retryAt);
    void this.pause.over().then(() => {
      this.work();
      this.settle();
    });
    this.settle();
  }

  /** Stops because of a problem that everything else would meet as well. */
  private halt(problem: Problem): void {
    this.lasting = [problem];
    this.end("stopped");
  }

  /** Keeps a problem to be shown; a few say it all. */
  private keep(problem: Problem): void {
    const known = this.lasting.some(({ code, message }) => code === problem.code && message === problem.message);
    if (!known && this.lasting.length < 3) this.lasting = [...this.lasting, problem];
  }

  private answered(): void {
    this.pause.answered();
    if (this.pause.until === 0) this.passing = undefined;
    this.size = Math.min(this.size + 1, this.most);
  }

  private count({ cost }: Explanation): void {
    if (!cost) return;
    this.progress.calls += cost.calls;
    this.progress.saved += cost.cached + cost.coalesced;
    this.progress.waitedMs += cost.waitedMs;
    this.meter.count(cost);
  }

  /** Works out how far it is. */
  private settle(): void {
    if (isHalted(this.progress)) return;
    const busy = this.underway.size + this.ready.length + this.later.size + this.queue.size > 0;
    const state = this.state(busy);
    if (state === "idle") {
      this.reloading = false;
      this.passing = undefined;
    }
    const expected = this.board.people.length;
    const rate = this.meter.rate();
    this.progress = {
      ...this.progress,
      state,
      expected,
      done: expected - this.open.size,
      rate,
      left: busy && rate > 0 ? (this.open.size * viewsOf(this.columns)) / rate + this.pause.left() : undefined,
      waitsFor: this.passing,
      problems: this.lasting,
    };
    this.board.touch();
  }

  private state(busy: boolean): Progress["state"] {
    if (!busy && this.listing === 0) return "idle";
    if (this.pause.until > 0) return "waiting";
    return busy ? "cells" : "people";
  }
}
