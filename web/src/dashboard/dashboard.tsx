// The dashboard puts its parts together: what is chosen above and at the left, the heatmap in the middle, and what is
// open at the right.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Facts } from "../shared/service";
import { Bulk, type BulkChange } from "./bulk";
import {
  type Desk,
  DeskContext,
  isPersonal,
  type Limit,
  useArrangement,
  useBoard,
  useColumns,
  useView,
  type Viewer,
} from "./desk";
import { Facets } from "./facets";
import { Keys } from "./keys";
import { Legend } from "./legend";
import { Main } from "./matrix";
import type { Ask } from "./model/ask";
import { Board } from "./model/board";
import { budgetDocument, probeDocument, probeListDocument, probeMeDocument, viewerDocument } from "./model/documents";
import { Health } from "./model/health";
import { type LiveState, listen } from "./model/live";
import { Loader } from "./model/loader";
import { isAtRest } from "./model/meter";
import { Notices } from "./notices";
import { Operator } from "./operator";
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
  const { board, loader, health } = useMemo(() => begin(ask, isPersonal(viewer)), [ask, viewer]);
  const [view, setView] = useView();
  const columns = useColumns(view);
  const [limits, setLimits] = useState<readonly Limit[]>([]);
  const [live, setLive] = useState<LiveState>("connecting");
  const [missed, setMissed] = useState(false);
  const [bulk, setBulk] = useState<BulkChange>();
  const [operator, setOperator] = useState(false);
  useBoard(board);
  const arrangement = useArrangement(board, view, loader.isSettled(view.statuses, columns));
  const { rows } = arrangement;
  const shown = useRef(columns);
  shown.current = columns;
  const own = useRef<{ person: string; name: string; at: number }[]>([]);

  useEffect(() => loader.setColumns(columns), [loader, columns]);
  useEffect(() => watch(health, loader), [health, loader]);
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
        if (heard && state !== "connecting") health.look(); // its end, and its coming back, may be more than its own matter
        heard ||= state === "live";
        setLive(state);
      },
    );
    return () => connection.close();
  }, [board, loader, health]);

  useBudget(health, loader, setLimits);

  const desk: Desk = {
    facts,
    board,
    loader,
    ask: health.ask,
    view,
    setView,
    columns,
    arrangement,
    viewer,
    limits,
    live,
    health,
    unlisted: rows.length === 0 && !loader.isListed(view.statuses),
    missed,
    reload: useCallback(() => {
      setMissed(false);
      void loader.reload(view.statuses);
    }, [loader, view.statuses]),
    writing: useCallback((person, setting) => {
      own.current.push({ person, name: setting.name, at: Date.now() });
    }, []),
    confirm: useCallback((rows, setting, value) => setBulk({ rows, setting, value }), []),
    openOperator: useCallback(() => setOperator(true), []),
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
        <Notices />
        <Legend />
        <Keys />
        {operator && <Operator onClose={() => setOperator(false)} />}
        {bulk && <Bulk change={bulk} onClose={() => setBulk(undefined)} />}
      </div>
    </DeskContext>
  );
}

function begin(ask: Ask, personal: boolean) {
  const board = new Board();
  const anew = { "Cache-Control": "no-cache" };
  const health = new Health(
    ask,
    {
      zoom: (ask, signal) => {
        const id = board.people[0]?.id;
        if (personal) return ask(probeMeDocument, {}, { signal, headers: anew });
        if (id) return ask(probeDocument, { id }, { signal, headers: anew });
        return ask(probeListDocument, {}, { signal, headers: anew });
      },
      service: (ask, signal) => ask(viewerDocument, {}, { signal }),
    },
    () => board.touch(),
  );
  return { board, health, loader: new Loader(board, health.ask, Date.now, personal, health) };
}

/** Lets the health look after itself, and the loader go on when a trouble is over, until the returned function is called. */
function watch(health: Health, loader: Loader): () => void {
  const seen = () => document.hidden || health.look();
  document.addEventListener("visibilitychange", seen);
  health.watch(() => loader.recover());
  return () => {
    document.removeEventListener("visibilitychange", seen);
    health.close();
  };
}

/**
 * Asks now and then what is left of the budget: often while calls are made and until all of it is back, seldom otherwise,
 * never unseen.
 */
function useBudget(health: Health, loader: Loader, tell: (limits: readonly Limit[]) => void): void {
  useEffect(() => {
    let asked = 0;
    let quiet = false;
    let over = false;
    const look = async () => {
      const idle = isAtRest(loader.progress);
      if (document.hidden || health.trouble?.kind === "caller" || Date.now() - asked < (idle && quiet ? 10_000 : 1000))
        return;
      asked = Date.now();
      const { data } = await health.ask(budgetDocument, {});
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
  }, [health, loader, tell]);
}
