// What an answer about cells says of each: a value, why there is none, or that it is to be asked again.

import { type Answer, isRefused, isUnanswered, type Problem, problemWords } from "./ask";
import { type Json, type Setting, valueAt } from "./catalogue";
import { type Cell, cell } from "./cell";
import type { CellsData } from "./written";

/** What an answer says of one cell: what it is, a problem that goes away by itself, or nothing that can be relied on. */
export type Said = { cell: Cell; general?: Problem } | { passing: Problem } | { unclear: true };

/** The same settings of some people; with what keeps them from being read. */
export interface Group {
  rows: number[];
  settings: Setting[];
  problem?: Problem;
}

/** What an answer leaves to do, after its cells are where they belong. */
export interface Rest {
  /** Something was answered, be it that there is no value. */
  answered: boolean;
  /** To be asked again, each with its problem. */
  again: Group[];
  /** To be asked again a few at a time, since the answer had no room to tell. */
  unclear: Group[];
  /** What everything else that is asked will meet as well. */
  general?: Problem;
}

/** How many absences the service lists in an answer. */
const maxAbsences = 100;

/** How many problems it lists, besides one that stands for those that it left out. */
const maxProblems = 19;

type Path = readonly (string | number)[];

export class Reading {
  /** What is wrong with all that was asked; undefined where there is an answer. */
  readonly refusal?: Problem;
  private readonly problems = new Map<string, Problem>();
  private readonly reasons = new Map<string, string>();
  private readonly old = new Map<string, string>();
  /** How many cells an answer tells of without doubt, however many of them have no value. */
  readonly room: number;
  private readonly leftOut: boolean;
  private readonly secretsWithheld: boolean;

  constructor(private readonly answer: Answer<CellsData>) {
    const { data, problems, zoom } = answer;
    if (!data) this.refusal = problems[0] ?? { message: "the service gave no answer", code: "INTERNAL" };
    for (const problem of problems) if (problem.path) enter(this.problems, problem.path, problem);
    for (const { path, reason } of zoom.absent ?? []) enter(this.reasons, path, reason);
    for (const { path, asOf } of zoom.stale ?? []) enter(this.old, path, asOf);
    this.leftOut = problems.some((problem) => problem.leftOut !== undefined);
    this.room = this.leftOut ? maxProblems : maxAbsences;
    this.secretsWithheld = problems.some((problem) => problem.code === "FORBIDDEN" && (problem.path?.length ?? 0) > 2);
  }

  /** Puts what it says of rows and settings, in the order they were asked for, and returns what is left to do. */
  sortOut(
    rows: readonly number[],
    settings: readonly Setting[],
    put: (row: number, setting: Setting, cell: Cell) => void,
  ): Rest {
    const rest: Rest = { answered: false, again: [], unclear: [] };
    rows.forEach((row, person) => {
      const passing: Setting[] = [];
      const unclear: Setting[] = [];
      let problem: Problem | undefined;
      for (const setting of settings) {
        const said = this.of(person, setting);
        if ("passing" in said) {
          problem = said.passing;
          passing.push(setting);
          continue;
        }
        rest.answered = true;
        if ("unclear" in said) {
          unclear.push(setting);
          continue;
        }
        rest.general ??= said.general;
        put(row, setting, said.cell);
      }
      if (problem) group(rest.again, row, passing, problem);
      if (unclear.length > 0) group(rest.unclear, row, unclear);
    });
    return rest;
  }

  /** What it says of a setting of the person of that number. */
  of(person: number, setting: Setting): Said {
    const path = [`u${person}`, "settings", ...setting.path];
    const problem = this.refusal ?? nearest(this.problems, path);
    if (problem && isPassing(problem)) return { passing: problem };
    if (problem) {
      const secret = problem.code === "FORBIDDEN" && (setting.sensitive || problem.path?.length === path.length);
      if (secret) return { cell: cell("withheld") };
      return { cell: failed(problem), general: isGeneral(problem) ? problem : undefined };
    }
    const settings = this.answer.data?.[`u${person}`]?.settings;
    const value = valueAt(settings, setting.path) as Json | undefined;
    const reason = nearest(this.reasons, path);
    if (reason === "UNKNOWN_VALUE") return { cell: cell("unknown") };
    if (value === null || value === undefined) return this.none(setting, reason, Boolean(settings));
    const staleSince = nearest(this.old, path);
    return { cell: staleSince ? { state: "value", value, staleSince } : cell("value", value) };
  }

  // What a null is. Lists of reasons and of problems are bounded: a null that stands in neither may be more than absent.
  private none(setting: Setting, reason: string | undefined, answered: boolean): Said {
    switch (reason) {
      case "NOT_IN_VIEW":
        return { cell: cell("notInView") };
      case "WITHHELD":
        return { cell: cell("withheld") };
      case "NOT_IN_RESPONSE":
        return { cell: cell("absent") };
    }
    if (setting.sensitive && this.secretsWithheld) return { cell: cell("withheld") };
    if (this.leftOut) return { unclear: true };
    if (!answered) return { cell: failed({ message: "the service said nothing about this person", code: "INTERNAL" }) };
    const full = (this.answer.zoom.absent?.length ?? 0) >= maxAbsences;
    return full && setting.kind === "ENUM" ? { unclear: true } : { cell: cell("absent") };
  }
}

// Adds a row to those with the same settings and the same problem.
function group(to: Group[], row: number, settings: Setting[], problem?: Problem): void {
  const alike = to.find(
    (one) =>
      one.problem?.code === problem?.code &&
      one.settings.length === settings.length &&
      one.settings.every((setting, i) => setting === settings[i]),
  );
  if (!alike) to.push({ rows: [row], settings, problem });
  else {
    alike.rows.push(row);
    if ((problem?.retryAt ?? 0) > (alike.problem?.retryAt ?? 0)) alike.problem = problem;
  }
}

// Puts something at its path. What belongs to an element of a list belongs to the list, which is what a cell holds.
function enter<T>(into: Map<string, T>, path: Path, what: T): void {
  const end = path.findLastIndex((name) => typeof name === "string") + 1;
  into.set(path.slice(0, end).join("."), what);
}

/** What stands at a path, or at the nearest one above it. */
function nearest<T>(among: ReadonlyMap<string, T>, path: Path): T | undefined {
  if (among.size === 0) return undefined;
  for (let end = path.length; end > 0; end--) {
    const found = among.get(path.slice(0, end).join("."));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a problem goes away by itself. */
export function isPassing(problem: Problem): boolean {
  return waits(problem.code) || isUnanswered(problem);
}

/** Whether it is only a question of time until the same is answered: there is no sense in giving up. */
export function waits(code: string): boolean {
  return code === "RATE_LIMITED" || code === "OFFLINE";
}

/** Whether everything else that is asked will meet the same. */
export function isGeneral(problem: Problem): boolean {
  return problem.code === "SCOPE_MISSING" || isTrouble(problem);
}

/** Whether it is a trouble of the whole page, whose end is heard of. */
export function isTrouble(problem: Problem): boolean {
  return isRefused(problem) || problem.code === "UNAUTHENTICATED";
}

/** What a problem that stays looks like in a cell. */
export function failed(problem: Problem): Cell {
  if (problem.code === "INVITATION_PENDING") return cell("pending");
  return { state: "error", message: problemWords(problem) };
}
