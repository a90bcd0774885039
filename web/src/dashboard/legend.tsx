// The legend, always in sight: what colours and textures mean, drawn by what draws the cells.

import { useLayoutEffect, useRef } from "react";
import { useTheme } from "../shared/theme";
import { useNarrow } from "./desk";
import { Painter } from "./heatmap/paint";
import { useScale } from "./heatmap/scale";
import { find, type Setting } from "./model/catalogue";
import { type Cell, cell, stateWords } from "./model/cell";

const width = 22;
const height = 16;

interface Entry {
  name: string;
  meaning: string;
  cell: Cell;
  deviating?: boolean;
}

const sample = find("inMeeting.waitingRoom") as Setting;

const entries: Entry[] = [
  { name: "on", meaning: "The setting is on.", cell: cell("value", true) },
  { name: "off", meaning: "The setting is off.", cell: cell("value", false) },
  { name: "deviates", meaning: "Otherwise than the policy has it.", cell: cell("value", true), deviating: true },
  ...(["absent", "notInView", "unknown", "withheld", "pending", "limited", "error"] as const).map((state) => ({
    name: stateWords[state].name.toLowerCase(),
    meaning: stateWords[state].meaning,
    cell: cell(state),
  })),
  {
    name: stateWords.stale.name.toLowerCase(),
    meaning: stateWords.stale.meaning,
    cell: { state: "value", value: false, staleSince: "1970-01-01T00:00:00Z" },
  },
];

export function Legend() {
  return (
    <section className="legend" aria-label="Legend" tabIndex={useNarrow() ? 0 : undefined}>
      {entries.map((entry) => (
        <span key={entry.name} title={entry.meaning}>
          <Swatch setting={sample} cell={entry.cell} deviating={entry.deviating} />
          {entry.name}
        </span>
      ))}
    </section>
  );
}

/** A small picture of a cell; what it says stands beside it. */
export function Swatch({
  setting,
  cell,
  deviating = false,
}: {
  setting: Setting;
  cell: Cell | undefined;
  deviating?: boolean;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const scale = useScale();
  useLayoutEffect(() => {
    const ctx = canvas.current?.getContext("2d");
    if (!ctx) return;
    ctx.setTransform(scale, 0, 0, scale, 0, 0);
    new Painter(theme, scale).cell(ctx, setting, cell, deviating, { x: 0, y: 0, width, height });
  }, [theme, scale, setting, cell, deviating]);
  return (
    <canvas
      ref={canvas}
      className="swatch"
      aria-hidden="true"
      width={width * scale}
      height={height * scale}
      style={{ width, height }}
    />
  );
}
