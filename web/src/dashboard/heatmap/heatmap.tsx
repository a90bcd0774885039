// The heatmap: a canvas over a scrolling surface as large as all cells. It draws what is in sight, once a frame at most,
// and is used by mouse, touch and keys alike. For those who cannot see it, a line says where the cursor is and what is
// there, and the same data is there as a table.

import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useTheme } from "../../shared/theme";
import { type Content, draw, font } from "./draw";
import { type Geometry, geometry, type Place, placeAt, reveal, rowsInSight, type Window } from "./geometry";
import { Painter } from "./paint";

interface Props {
  content: Omit<Content, "cursor" | "focused">;
  rows: number;
  /** The columns' names, as they stand in the header. */
  labels: readonly string[];
  /** Changes when what is drawn does. */
  version: number;
  /** Where the cursor is to be, when that is decided elsewhere. */
  selected: Place | undefined;
  /** What a place is, in words. */
  describe(place: Place): string;
  onOpen(place: Place, how: "show" | "edit"): void;
  onPin(place: Place): void;
  /** Which rows are in sight. */
  onSee(first: number, behind: number): void;
  /** Copies what is shown, and says what that was. */
  onCopy(): Promise<string>;
  /** How much of the width is taken by what is open beside the heatmap: nothing shown moves because of it. */
  beside(): number;
}

export function Heatmap(props: Props) {
  const { rows, labels, version, selected, describe } = props;
  const theme = useTheme();
  const help = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0, beside: 0 });
  const [cursor, setCursor] = useState<Place>();
  const [focused, setFocused] = useState(false);
  const [hover, setHover] = useState<{ place: Place; x: number; y: number }>();
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

  const g = useGeometry(rows, labels, size.width + size.beside);
  const scale = window.devicePixelRatio || 1;
  const painter = useRef<Painter>(undefined);
  useLayoutEffect(() => {
    painter.current = new Painter(theme, scale);
  }, [theme, scale]);

  const at = useCallback((): Window => {
    const box = scroller.current;
    return { left: box?.scrollLeft ?? 0, top: box?.scrollTop ?? 0, ...size };
  }, [size]);

  const sight = useRef({ g, at });
  sight.current = { g, at };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is open beside may cover the place that it is about
  useEffect(() => {
    if (!selected) return;
    setCursor(selected);
    const { left, top } = reveal(sight.current.g, sight.current.at(), selected);
    scroller.current?.scrollTo(left, top);
  }, [selected, size.width]);

  const paint = useCallback(() => {
    const ctx = canvas.current?.getContext("2d", { alpha: false });
    if (!ctx || !painter.current || size.width === 0) return;
    ctx.setTransform(scale, 0, 0, scale, 0, 0);
    const window = at();
    draw(ctx, painter.current, g, window, { ...latest.current.content, cursor, focused });
    latest.current.onSee(...rowsInSight(g, window));
  }, [g, at, size.width, cursor, focused, scale]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn depends on the version and the theme
  useLayoutEffect(() => {
    const frame = requestAnimationFrame(paint);
    return () => cancelAnimationFrame(frame);
  }, [paint, version, theme]);

  const frame = useRef(0);
  const onScroll = () => {
    setHover(undefined);
    setSaid("");
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(paint);
  };

  const go = (place: Place) => {
    const to = { row: clamp(place.row, -1, rows - 1), column: clamp(place.column, -1, labels.length - 1) };
    setCursor(to);
    setHover(undefined);
    setSaid("");
    const { left, top } = reveal(g, at(), to);
    scroller.current?.scrollTo(left, top);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const here = cursor ?? { row: 0, column: 0 };
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
    else if (event.key === "Enter") props.onOpen(here, "show");
    else if (event.key === "e" && !far) props.onOpen(here, "edit");
    else if (event.key === "p" && !far) props.onPin(here);
    else if (event.key === "c" && far) void props.onCopy().then(setSaid);
    else return;
    event.preventDefault();
  };

  const under = (event: MouseEvent): Place | undefined => {
    const box = scroller.current?.getBoundingClientRect();
    return box ? placeAt(g, at(), event.clientX - box.left, event.clientY - box.top) : undefined;
  };

  const onClick = (event: MouseEvent) => {
    const place = under(event);
    if (!place || (place.row < 0 && place.column < 0)) return;
    setCursor(place);
    props.onOpen(place, "show");
  };

  const onMove = (event: PointerEvent) => {
    if (event.pointerType === "touch") return; // a finger does not hover, and what it told would stay
    const place = under(event);
    const box = scroller.current?.getBoundingClientRect();
    if (!place || !box || (place.row < 0 && place.column < 0)) setHover(undefined);
    else setHover({ place, x: event.clientX - box.left, y: event.clientY - box.top });
  };

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
          <canvas
            ref={canvas}
            width={Math.round(size.width * scale)}
            height={Math.round(size.height * scale)}
            style={{ width: size.width, height: size.height }}
          />
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
      {hover && (
        <div
          className="hint"
          aria-hidden="true"
          style={{ left: Math.min(hover.x + 14, size.width - 250), top: Math.min(hover.y + 16, size.height - 80) }}
        >
          {describe(hover.place)}
        </div>
      )}
    </div>
  );
}

const clamp = (n: number, low: number, high: number) => Math.max(low, Math.min(n, high));

let measuring: CanvasRenderingContext2D | null = null;

/** The layout, with the names' real widths. */
function useGeometry(rows: number, labels: readonly string[], width: number): Geometry {
  const known = useRef<{ key: string; g: Geometry }>(undefined);
  const key = `${rows} ${width} ${labels.join()}`;
  if (known.current?.key !== key) {
    measuring ??= document.createElement("canvas").getContext("2d");
    if (measuring) measuring.font = `600 ${font}`;
    const widths = labels.map((label) => measuring?.measureText(label).width ?? 0);
    known.current = { key, g: geometry(rows, widths, width) };
  }
  return known.current.g;
}
