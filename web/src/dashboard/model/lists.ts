// The lists of people, one a status, and of what groups and roles are called: read page by page, also after a stop.

import type { AnyVariables, DocumentInput } from "@urql/core";
import type { Answer, Problem } from "./ask";
import type { Board, Status } from "./board";
import { groupsDocument, meDocument, peopleDocument, rolesDocument } from "./documents";
import { personOf } from "./people";
import { isPassing } from "./reading";

/** How many people a page of the list has: as many as Zoom answers a call. */
const pageSize = 300;

/** How often a list is begun again because Zoom has forgotten the place. */
const restarts = 5;

/** Asks until there is an answer, or a problem that does not go away by itself, or the signal says that it is enough. */
export type Insist = <Data, Variables extends AnyVariables>(
  document: DocumentInput<Data, Variables>,
  variables: Variables,
  signal: AbortSignal,
) => Promise<Answer<Data>>;

interface List {
  after: string | null;
  done: boolean;
  /** The cursors that were followed, and who was on the pages. */
  followed: Set<string>;
  known: Set<string>;
  /** Who reads it. */
  reader?: { signal: AbortSignal; end: Promise<void> };
}

export class Lists {
  /** Zoom lets the person who asks list nobody: they alone are on the board. */
  alone = false;
  private readonly lists = new Map<Status, List>();

  /**
   * found is told the ids of each page's people, who are on the board by then; stuck why a list cannot be read. personal
   * says that Zoom is asked as the person who looks: where they may list nobody, they see themselves.
   */
  constructor(
    private readonly board: Board,
    private readonly insist: Insist,
    private readonly found: (ids: readonly string[]) => void,
    private readonly stuck: (problem: Problem) => void,
    private readonly personal: boolean,
  ) {}

  /** Says of which statuses people are wanted, besides those that were said before. */
  want(statuses: readonly Status[]): void {
    for (const status of statuses) if (!this.lists.has(status)) this.lists.set(status, begun());
  }

  /** Whether people of all these statuses were wanted already. */
  isWanted(statuses: readonly Status[]): boolean {
    return statuses.every((status) => this.lists.has(status));
  }

  /** Whether the lists of all these statuses were read to their ends. */
  isDone(statuses: readonly Status[]): boolean {
    return statuses.every((status) => this.lists.get(status)?.done);
  }

  /** Begins anew, with no status. */
  forget(): void {
    this.lists.clear();
    this.alone = false;
  }

  /** Reads what is not there yet, until it is, or until the signal says that it is enough. */
  async read(signal: AbortSignal): Promise<void> {
    const unfinished = [...this.lists].filter(([, list]) => !list.done);
    await Promise.all([this.names(signal), ...unfinished.map(([status, list]) => this.list(status, list, signal))]);
  }

  private async names(signal: AbortSignal): Promise<void> {
    if (this.board.groups.size > 0 && this.board.roles.size > 0) return;
    const [groups, roles] = await Promise.all([
      this.insist(groupsDocument, {}, signal),
      this.insist(rolesDocument, {}, signal),
    ]);
    // Without them, groups and roles are called by their ids. Missing scopes are told by who hears all answers.
    for (const [what, { problems }] of Object.entries({ groups, roles })) {
      const [problem] = problems;
      if (!problem || signal.aborted || problem.code === "SCOPE_MISSING" || (this.personal && isRefusal(problem)))
        continue;
      this.stuck({ ...problem, message: `the names of ${what} cannot be read: ${problem.message}` });
    }
    if (groups.data) this.board.setGroups(groups.data.groups.nodes.map(({ id, name }) => ({ id, name: name ?? id })));
    if (roles.data) this.board.setRoles(roles.data.roles.nodes.map(({ id, name }) => ({ id, name: name ?? id })));
  }

  /** Reads a list, or joins who reads it. */
  private async list(status: Status, list: List, signal: AbortSignal): Promise<void> {
    if (list.reader?.signal !== signal) list.reader = { signal, end: this.pages(status, list, signal) };
    const { reader } = list;
    await reader.end;
    if (list.reader === reader) list.reader = undefined;
  }

  private async pages(status: Status, list: List, signal: AbortSignal): Promise<void> {
    for (let restarted = 0; !list.done; ) {
      const { data, problems } = await this.insist(
        peopleDocument,
        { first: pageSize, after: list.after, status },
        signal,
      );
      if (signal.aborted) return;
      if (data) {
        const { nodes, pageInfo } = data.users;
        const ids = nodes.map(({ id }) => id);
        list.after = (pageInfo.hasNextPage && pageInfo.endCursor) || null;
        list.done = list.after === null;
        this.board.addPeople(nodes.map((node) => personOf(node, status)));
        this.found(ids);
        const problem = problems.find(({ path }) => path?.join(".") === "users");
        if (problem && !(list.after && isPassing(problem))) {
          this.stuck(problem);
          return;
        }
        if (list.after && !leadsOn(list, list.after, ids)) {
          this.stuck({
            message: `the list of people does not end, after ${list.known.size} people`,
            code: "UPSTREAM_INVALID_RESPONSE",
          });
          return;
        }
      } else if (problems[0]?.code === "CURSOR_EXPIRED" && restarted++ < restarts) {
        Object.assign(list, begun(), { reader: list.reader });
      } else if (this.personal && isRefusal(problems[0])) {
        list.done = await this.self(status, problems[0], signal);
        if (!list.done) return;
      } else {
        const problem = problems[0] ?? { message: "the service gave no answer", code: "INTERNAL" };
        const what = list.after === null ? "people cannot be listed" : "not everybody could be listed";
        this.stuck({ ...problem, message: `${what}: ${problem.message}` });
        return;
      }
    }
  }

  /** Lists the person who asks, in place of everybody of a status; false where that cannot be done either. */
  private async self(status: Status, refused: Problem, signal: AbortSignal): Promise<boolean> {
    const { data } = await this.insist(meDocument, {}, signal);
    if (signal.aborted) return false;
    const me = data?.me && personOf(data.me, status);
    if (!me) this.stuck(refused);
    else if (me.status === status) {
      this.board.addPeople([me]);
      this.found([me.id]);
    }
    this.alone = Boolean(me);
    return this.alone;
  }
}

function begun(): List {
  return { after: null, done: false, followed: new Set(), known: new Set() };
}

/** Whether a list can be followed behind a page: it leads to another page than before, and the page brought somebody. */
function leadsOn(list: List, after: string, ids: readonly string[]): boolean {
  const before = list.known.size;
  for (const id of ids) list.known.add(id);
  const leads = !list.followed.has(after) && list.known.size > before;
  list.followed.add(after);
  return leads;
}

/** Whether a problem says that one may not, and not that it cannot be. */
function isRefusal(problem: Problem | undefined): problem is Problem {
  return problem?.code === "FORBIDDEN" || problem?.code === "SCOPE_MISSING";
}
