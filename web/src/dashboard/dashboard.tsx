// The dashboard puts its parts together: what is chosen above and at the left, the heatmap in the middle, and what is
// open at the right.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Facts } from "../shared/service";
import { Bulk, type BulkChange } from "./bulk";
import { type Desk, DeskContext, type Limit, useArrangement, useBoard, useColumns, useView, type Viewer } from "./desk";
import { Facets } from "./facets";
import { Keys } from "./keys";
import { Legend } from "./legend";
import { Main } from "./matrix";
import type { Ask } from "./model/ask";
import { Board } from "./model/board";
import { budgetDocument } from "./model/documents";
import { type LiveState, listen } from "./model/live";
import { Loader } from "./model/loader";
import { Panel } from "./panel/panel";
import { ProgressLine } from "./progress";
import { Toolbar } from "./toolbar";
import { TopBar } from "./topbar";

interface Props {
  facts: Facts;
  viewer: Viewer;
  ask: Ask;
  onLeave(): void;
}

export function Dashboard({ facts, viewer, ask, onLeave }: Props) {
  const { board, loader } = useMemo(() => {
    const board = new Board();
    const personal = viewer.method === "SIGN_IN" || viewer.method === "ZOOM_TOKEN";
    return { board, loader: new Loader(board, ask, Date.now, personal) };
  }, [ask, viewer.method]);
  const [view, setView] = useView();
  const columns = useColumns(view);
  const [limits, setLimits] = useState<readonly Limit[]>([]);
  const [live, setLive] = useState<LiveState>("connecting");
  const [missed, setMissed] = useState(false);
  const [bulk, setBulk] = useState<BulkChange>();
  useBoard(board);
  const arrangement = useArrangement(board, view, loader.isSettled(view.statuses, columns));
  const { rows } = arrangement;
  const shown = useRef(columns);
  shown.current = columns;
  const own = useRef<{ person: string; name: string; at: number }[]>([]);

  useEffect(() => loader.setColumns(columns), [loader, columns]);
  const statuses = view.statuses.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list is made anew with each address
  useEffect(() => {
    void loader.start(view.statuses);
  }, [loader, statuses]);

  useEffect(() => {
    const isOwn = (person: string, fields: readonly string[]) => {
      const recent = own.current.filter((write) => write.at > Date.now() - 30_000);
      const mine = recent.some((write) => write.person === person && fields.includes(write.name));
      own.current = recent.filter((write) => write.person !== person || !fields.includes(write.name));
      return mine;
    };
    let heard = false;
    const connection = listen(
      board,
      loader,
      () => shown.current,
      isOwn,
      (state) => {
        if (state === "live" && heard) setMissed(true); // it was live before, and away in between
        heard ||= state === "live";
        setLive(state);
      },
    );
    return () => connection.close();
  }, [board, loader]);

  useBudget(ask, loader, setLimits);

  const desk: Desk = {
    facts,
    board,
    loader,
    ask,
    view,
    setView,
    columns,
    arrangement,
    viewer,
    limits,
    live,
    missed,
    reload: useCallback(() => {
      setMissed(false);
      void loader.reload(view.statuses);
    }, [loader, view.statuses]),
    writing: useCallback((person, setting) => {
      own.current.push({ person, name: setting.name, at: Date.now() });
    }, []),
    confirm: useCallback((rows, setting, value) => setBulk({ rows, setting, value }), []),
    leave: onLeave,
  };

  return (
    <DeskContext value={desk}>
      <div className={view.person || view.setting ? "desk open" : "desk"}>
        <TopBar />
        <Toolbar rows={rows} />
        <ProgressLine />
        <Facets />
        <Main rows={rows} />
        <Panel rows={rows} />
        <Legend />
        <Keys />
        {bulk && <Bulk change={bulk} onClose={() => setBulk(undefined)} />}
      </div>
    </DeskContext>
  );
}

/**
 * Asks now and then what is left of the budget: often while calls are made and until all of it is back, seldom otherwise,
 * never unseen.
 */
function useBudget(ask: Ask, loader: Loader, tell: (limits: readonly Limit[]) => void): void {
  useEffect(() => {
    let asked = 0;
    let quiet = false;
    let over = false;
    const look = async () => {
      const idle = loader.progress.state === "idle" || loader.progress.state === "cancelled";
      if (document.hidden || Date.now() - asked < (idle && quiet ? 10_000 : 1000)) return;
      asked = Date.now();
      const { data } = await ask(budgetDocument, {});
      if (!data || over) return;
      quiet = data.rateLimit.every((limit) => limit.waiting === 0 && limit.remaining >= Math.floor(limit.limit) - 1);
      tell(data.rateLimit);
    };
    void look();
    const timer = setInterval(look, 500);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [ask, loader, tell]);
}
