// What all parts of the dashboard share: the board, what fills it, the view that the address holds, and who looks.

import { createContext, useCallback, useContext, useMemo, useSyncExternalStore } from "react";
import type { BudgetQuery, ViewerQuery } from "../gql/graphql";
import type { Facts } from "../shared/service";
import { readAddress, type View, writeAddress } from "./model/address";
import { Arrangement } from "./model/arrangement";
import type { Ask } from "./model/ask";
import type { Board } from "./model/board";
import { find, type Json, type Setting } from "./model/catalogue";
import type { Health } from "./model/health";
import type { LiveState } from "./model/live";
import type { Loader } from "./model/loader";

export type Viewer = ViewerQuery["viewer"];
export type Limit = BudgetQuery["rateLimit"][number];

/** What of the view changes. Pushed, it can be gone back from. */
export type SetView = (patch: Partial<View>, push?: boolean) => void;

export interface Desk {
  facts: Facts;
  board: Board;
  loader: Loader;
  ask: Ask;
  view: View;
  setView: SetView;
  columns: readonly Setting[];
  /** Who is shown, in which order. */
  arrangement: Arrangement;
  viewer: Viewer;
  /** None where calls are not paced. */
  limits: readonly Limit[];
  live: LiveState;
  /** Whether all is well on the way to Zoom. */
  health: Health;
  /** Nobody is shown, since not everybody of the view's statuses has been listed. */
  unlisted: boolean;
  /** Changes may have been made that this window did not hear of. */
  missed: boolean;
  /** Reads everything anew. */
  reload(): void;
  /** Notes that this window is about to write, so that it knows the change again when it is told of it. */
  writing(person: string, setting: Setting): void;
  /** Opens the confirmation of a change for many people. */
  confirm(rows: readonly number[], setting: Setting, value: Json): void;
  /** Opens what an operator looks at. */
  openOperator(): void;
  /** Forgets the key, or ends the session. */
  leave(): void;
}

/** Whether Zoom is asked as the person who looks, and not as the service's app. */
export function isPersonal({ method }: Viewer): boolean {
  return method === "SIGN_IN" || method === "ZOOM_TOKEN";
}

export const DeskContext = createContext<Desk | undefined>(undefined);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("outside of the desk");
  return desk;
}

/** Draws the component anew when the board changes, and returns the board's version. */
export function useBoard(board: Board): number {
  return useSyncExternalStore(board.subscribe, () => board.version);
}

// Browsers limit how often a page may write its address, and some throw: the view is what is kept here, and the address
// follows as soon as it may.
let query = location.search;
let late: ReturnType<typeof setTimeout> | undefined;
const viewEvents = new EventTarget();
const onView = (listener: () => void) => {
  viewEvents.addEventListener("view", listener);
  return () => viewEvents.removeEventListener("view", listener);
};
const told = () => viewEvents.dispatchEvent(new Event("view"));
window.addEventListener("popstate", () => {
  clearTimeout(late);
  query = location.search;
  told();
});

function writeQuery(push: boolean): void {
  clearTimeout(late);
  try {
    history[push ? "pushState" : "replaceState"](null, "", location.pathname + query);
  } catch {
    late = setTimeout(() => writeQuery(push), 1000);
  }
}

/** The view that the address holds, and what changes it. */
export function useView(): [View, SetView] {
  const shown = useSyncExternalStore(onView, () => query);
  const view = useMemo(() => readAddress(shown), [shown]);
  const setView = useCallback<SetView>((patch, push = false) => {
    query = writeAddress({ ...readAddress(query), ...patch });
    writeQuery(push);
    told();
  }, []);
  return [view, setView];
}

/** The settings of the view's columns. */
export function useColumns(view: View): readonly Setting[] {
  const ids = view.columns.join();
  return useMemo(() => ids.split(",").flatMap((id) => find(id) ?? []), [ids]);
}

/** Who of the board is shown for a view, in which order. settled says that all that this depends on is there. */
export function useArrangement(board: Board, view: View, settled: boolean): Arrangement {
  const arrangement = useMemo(() => new Arrangement(board), [board]);
  arrangement.arrange(view, settled);
  return arrangement;
}

const narrow = matchMedia("(max-width: 600px)");

/** Whether the screen is so narrow that the heatmap becomes a list. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      narrow.addEventListener("change", listener);
      return () => narrow.removeEventListener("change", listener);
    },
    () => narrow.matches,
  );
}
