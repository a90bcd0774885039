// The board holds what the page knows: people, and a cell for each setting of theirs that was asked for. It is one
// mutable thing that tells its listeners at most once a frame, because answers come in by the hundred.

import type { Setting } from "./catalogue";
import type { Cell } from "./cell";

export type Status = "ACTIVE" | "INACTIVE" | "PENDING";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly dept: string;
  readonly roleId: string;
  readonly groupIds: readonly string[];
  readonly status: Status;
}

/** A group or a role. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

/** A change of settings that happened while this window was open. */
export interface Change {
  readonly at: string;
  /** The person's id. */
  readonly person: string;
  /** Zoom's names of what was written, directly under their sections. */
  readonly fields: readonly string[];
  /** Made in this window, or by anyone else. */
  readonly own: boolean;
}

const maxChanges = 1000;

export class Board {
  people: readonly Person[] = [];
  groups: ReadonlyMap<string, Named> = new Map();
  roles: ReadonlyMap<string, Named> = new Map();
  /** Changes of this window's time, the newest first. */
  changes: readonly Change[] = [];
  /** Grows with each change of people, groups or roles. */
  peopleVersion = 0;
  /** Grows with each change of a cell. */
  cellVersion = 0;
  /** Grows with each change of anything. */
  version = 0;
  /** How often all cells were forgotten. */
  forgotten = 0;

  private readonly places = new Map<string, number>();
  private readonly columns = new Map<string, (Cell | undefined)[]>();
  private readonly listeners = new Set<() => void>();
  private told = true;
  private clock = 0;
  // When cells were last set or outdated by something else than an answer to a read, by setting and row.
  private readonly news = new Map<string, Map<number, number>>();

  /** frame calls a function before the next frame is painted. */
  constructor(private readonly frame: (tell: () => void) => void = (tell) => void requestAnimationFrame(tell)) {}

  /** Calls a listener after changes, at most once a frame, until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Says that something changed. */
  touch(): void {
    this.version++;
    if (!this.told) return;
    this.told = false;
    this.frame(() => {
      this.told = true;
      for (const listener of this.listeners) listener();
    });
  }

  /** Adds people behind those who are there; whoever is there already is replaced where they stand. */
  addPeople(people: readonly Person[]): void {
    const all = [...this.people];
    for (const person of people) {
      const place = this.places.get(person.id);
      if (place === undefined) this.places.set(person.id, all.push(person) - 1);
      else all[place] = person;
    }
    this.people = all;
    this.peopleVersion++;
    this.touch();
  }

  setGroups(groups: readonly Named[]): void {
    this.groups = new Map(groups.map((group) => [group.id, group]));
    this.peopleVersion++;
    this.touch();
  }

  setRoles(roles: readonly Named[]): void {
    this.roles = new Map(roles.map((role) => [role.id, role]));
    this.peopleVersion++;
    this.touch();
  }

  /** The row of a person; undefined where they are not on the board. */
  rowOf(id: string): number | undefined {
    return this.places.get(id);
  }

  cell(row: number, setting: string): Cell | undefined {
    return this.columns.get(setting)?.[row];
  }

  /** A column's cells by row, with holes; only to be read. */
  column(setting: string): readonly (Cell | undefined)[] {
    return this.columns.get(setting) ?? [];
  }

  /** What an answer to a read that is sent now is set with: see setCell. */
  now(): number {
    return ++this.clock;
  }

  /**
   * Sets a cell. An answer to a read comes with what now() was when it was sent; where something newer is known by then,
   * it is dropped. Without that, the cell is what is known at this moment, such as what a write has stored.
   */
  setCell(row: number, setting: string, cell: Cell | undefined, sent?: number): void {
    if (sent === undefined) this.outdate(row, setting);
    else if (sent < (this.news.get(setting)?.get(row) ?? 0)) return;
    let column = this.columns.get(setting);
    if (!column) {
      column = [];
      this.columns.set(setting, column);
    }
    column[row] = cell;
    this.cellVersion++;
    this.touch();
  }

  /** Says that a cell has changed at Zoom: answers to reads that were sent before are not believed. */
  outdate(row: number, setting: string): void {
    let rows = this.news.get(setting);
    if (!rows) {
      rows = new Map();
      this.news.set(setting, rows);
    }
    rows.set(row, ++this.clock);
  }

  /** Forgets the cells of all columns, and keeps the people. */
  forgetCells(): void {
    this.columns.clear();
    this.forgotten++;
    this.cellVersion++;
    this.touch();
  }

  addChange(change: Change): void {
    this.changes = [change, ...this.changes].slice(0, maxChanges);
    this.touch();
  }
}

/** The settings of a list that a row has no answer for yet. */
export function missing(board: Board, row: number, of: readonly Setting[]): Setting[] {
  return of.filter((setting) => board.cell(row, setting.id) === undefined);
}
