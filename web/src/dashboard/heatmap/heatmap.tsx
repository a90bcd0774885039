// The heatmap: a canvas over a scrolling surface as large as all cells. It draws what is in sight, once a frame at most,
// and is used by mouse, touch and keys alike. For those who cannot see it, a line says where the cursor is and what is
// there, and the same data is there as a table.

import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { flushSync } from "react-dom";
import { useTheme } from "../../shared/theme";
import { same } from "../model/cell";
import { font, show } from "./draw";
import { type Geometry, geometry, type Place, reveal, rowsInSight, type Window } from "./geometry";
import { type Picture, pictureOf, placeOf, type Shown, type Spot, spotAt } from "./picture";
import { useScale } from "./scale";

interface Props {
  shown: Shown;
  /** The columns' names, as they stand in the header. */
  labels: readonly string[];
  /** What is open beside the heatmap. The cursor goes there when that changes. */
  selected: Spot | undefined;
  /** What a spot is, in words. */
  describe(spot: Spot): string;
  onOpen(spot: Spot, how: "show" | "edit"): void;
  onPin(spot: Spot): void;
  /** Which rows are in sight. */
  onSee(first: number, behind: number): void;
  /** Copies what is shown, and says what that was. */
  onCopy(): Promise<string>;
  /** How much of the width is taken by what is open beside the heatmap: nothing shown moves because of it. */
  beside(): number;
}

export function Heatmap(props: Props) {
  const { shown, labels, selected, describe } = props;
  const theme = useTheme();
  const scale = useScale();
  const help = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0, beside: 0 });
  const [scroll, setScroll] = useState({ left: 0, top: 0 });
  const [cursor, setCursor] = useState<Spot>();
  const [focused, setFocused] = useState(false);
  const [hover, setHover] = useState<{ x: number; y: number }>();
  const [said, setSaid] = useState("");
  const latest = useRef(props);
  latest.current = props;

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const observer = new ResizeObserver(() =>
      setSize({ width: box.clientWidth, height: box.clientHeight, beside: latest.current.beside() }),
    );
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  const rows = shown.rows.length;
  const g = useGeometry(rows, labels, size.width + size.beside);
  const at: Window = { ...scroll, width: size.width, height: size.height };
  const picture = pictureOf(shown, { theme, scale, geometry: g, window: at, cursor, focused });
  const painted = useShow(canvas, picture);

  // What became lower or narrower may have been scrolled by that.
  useLayoutEffect(() => {
    const { scrollLeft: left, scrollTop: top } = scroller.current ?? { scrollLeft: 0, scrollTop: 0 };
    if (left !== scroll.left || top !== scroll.top) setScroll({ left, top });
  });
  useEffect(() => latest.current.onSee(...rowsInSight(g, at)));

  const bring = (place: Place | undefined) => {
    if (!place) return;
    const { left, top } = reveal(g, at, place);
    scroller.current?.scrollTo(left, top);
  };
  const latestBring = useRef(bring);
  latestBring.current = bring;

  // The cursor follows what is opened, and so does the window; neither follows where that stands by and by. What is
  // open beside the heatmap may cover the very place that it is about.
  const { person, setting } = selected ?? { person: null, setting: null };
  const isThere = Boolean(selected && placeOf(shown, selected));
  // biome-ignore lint/correctness/useExhaustiveDependencies: another width beside is a reason, too
  useEffect(() => {
    if (!isThere) return;
    const spot = { person, setting };
    setCursor(spot);
    latestBring.current(placeOf(latest.current.shown, spot));
  }, [person, setting, isThere, size.beside]);

  const onScroll = () => {
    const box = scroller.current;
    if (!box) return;
    // In this very frame: the browser has moved the page already.
    flushSync(() => {
      setHover(undefined);
      setSaid("");
      setScroll({ left: box.scrollLeft, top: box.scrollTop });
    });
  };

  const spotOf = ({ row, column }: Place): Spot => ({
    person: shown.board.people[shown.rows[row] ?? -1]?.id ?? null,
    setting: shown.columns[column]?.id ?? null,
  });

  const go = (place: Place) => {
    const to = { row: clamp(place.row, -1, rows - 1), column: clamp(place.column, -1, labels.length - 1) };
    setCursor(spotOf(to));
    setHover(undefined);
    setSaid("");
    bring(to);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    // Whom a filter took away has no place: then it goes on from the top of what is in sight.
    const here = (cursor && placeOf(shown, cursor)) ?? { row: cursor ? picture.firstRow : 0, column: 0 };
    const page = Math.max(1, Math.floor((size.height - g.headerHeight) / g.rowHeight) - 1);
    const far = event.ctrlKey || event.metaKey;
    const steps: Record<string, Place | undefined> = {
      ArrowUp: { row: far ? 0 : here.row - 1, column: here.column },
      ArrowDown: { row: far ? rows : here.row + 1, column: here.column },
      ArrowLeft: { row: here.row, column: here.column - 1 },
      ArrowRight: { row: here.row, column: here.column + 1 },
      PageUp: { row: here.row - page, column: here.column },
      PageDown: { row: here.row + page, column: here.column },
      Home: { row: far ? 0 : here.row, column: 0 },
      End: { row: far ? rows : here.row, column: labels.length },
    };
    const step = steps[event.key];
    if (step) go(step);
    else if (event.key === "Enter") props.onOpen(spotOf(here), "show");
    else if (event.key === "e" && !far) props.onOpen(spotOf(here), "edit");
    else if (event.key === "p" && !far) props.onPin(spotOf(here));
    else if (event.key === "c" && far) void props.onCopy().then(setSaid);
    else return;
    event.preventDefault();
  };

  const point = (event: MouseEvent) => {
    const box = scroller.current?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  };

  // A click is about what is painted at its point, whatever has come since.
  const onClick = (event: MouseEvent) => {
    const { x, y } = point(event);
    const spot = painted.current && spotAt(painted.current, x, y);
    if (!spot || isCorner(spot)) return;
    setCursor(spot);
    props.onOpen(spot, "show");
  };

  const onMove = (event: PointerEvent) => {
    if (event.pointerType !== "touch") setHover(point(event)); // a finger does not hover, and what it told would stay
  };
  const under = hover && spotAt(picture, hover.x, hover.y);

  return (
    <div className="heatmap">
      <div
        ref={scroller}
        className="scroller"
        role="application"
        aria-label={`Heatmap of ${rows} people and ${labels.length} settings`}
        aria-describedby={help}
        tabIndex={0}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onPointerMove={onMove}
        onPointerLeave={() => setHover(undefined)}
        onFocus={() => setFocused(true)}
        onBlur={() => {
          setFocused(false);
          setSaid("");
        }}
      >
        <div className="surface" style={{ width: g.width, height: g.height }}>
          <canvas ref={canvas} />
        </div>
      </div>
      <p id={help} className="unseen">
        Arrow keys move, Enter opens, e edits, p pins as policy. The button Table shows the same as a table.
      </p>
      <p className="unseen" aria-live="polite">
        {said || (focused && cursor ? describe(cursor) : "")}
      </p>
      {said && (
        <div className="hint said" aria-hidden="true">
          {said}
        </div>
      )}
      {hover && under && !isCorner(under) && (
        <div
          className="hint"
          aria-hidden="true"
          style={{ left: Math.min(hover.x + 14, size.width - 250), top: Math.min(hover.y + 16, size.height - 80) }}
        >
          {describe(under)}
        </div>
      )}
    </div>
  );
}

const clamp = (n: number, low: number, high: number) => Math.max(low, Math.min(n, high));

/** The corner of header and names, which is about nothing. */
const isCorner = ({ person, setting }: Spot) => person === null && setting === null;

/** Shows a picture on a canvas whenever it is another one than is there, and says which one that is. */
function useShow(canvas: { readonly current: HTMLCanvasElement | null }, picture: Picture) {
  const painted = useRef<Picture>(undefined);
  useLayoutEffect(() => {
    if (!canvas.current || picture.window.width === 0 || same(picture, painted.current)) return;
    show(canvas.current, picture);
    painted.current = picture;
  });
  // A browser may take a canvas's memory away, and give it back empty.
  useEffect(() => {
    const on = canvas.current;
    const again = () => on && painted.current && show(on, painted.current);
    on?.addEventListener("contextrestored", again);
    return () => on?.removeEventListener("contextrestored", again);
  }, [canvas]);
  return painted;
}

let measuring: CanvasRenderingContext2D | null = null;

/** The layout, with the names' real widths. */
function useGeometry(rows: number, labels: readonly string[], width: number): Geometry {
  const widths = useMemo(() => {
    measuring ??= document.createElement("canvas").getContext("2d");
    if (measuring) measuring.font = `600 ${font}`;
    return labels.map((label) => measuring?.measureText(label).width ?? 0);
  }, [labels]);
  return useMemo(() => geometry(rows, widths, width), [rows, widths, width]);
}
