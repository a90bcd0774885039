// Bars, drawn by uPlot: one for each name, or for each name one a part. The numbers stand beneath as text.

import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useTheme } from "../../shared/theme";
import { Painter } from "../heatmap/paint";
import { Swatch } from "../legend";
import type { Setting } from "../model/catalogue";
import type { Cell } from "../model/cell";

interface Props {
  label: string;
  setting: Setting;
  /** What the bars are. */
  of: string;
  /** What the parts of a bar are; a value's part has the colour that its cells have. */
  parts: readonly { name: string; cell?: Cell | undefined }[];
  bars: readonly { name: string; counts: readonly number[]; cell?: Cell | undefined }[];
}

const most = 12;
const whole = [1, 10, 100, 1000, 10_000].flatMap((power) => [power, 2 * power, 5 * power]); // there are no half people
const height = 150;

export function Bars({ label, setting, of, parts, bars }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const shown = bars.slice(0, most);
  const data = JSON.stringify({ setting: setting.id, parts, shown });
  const keyed = parts.length > 1;

  // biome-ignore lint/correctness/useExhaustiveDependencies: data stands for the setting, its parts and bars
  useEffect(() => {
    const at = box.current;
    if (!at || shown.length === 0) return;
    const painter = new Painter(theme, 1);
    const { palette } = painter;
    const width = 0.8 / parts.length;
    // A bar of one part is a series of its own, since it has its own colour; of several parts each part is one.
    const cells = keyed ? parts.map(({ cell }) => cell) : shown.map(({ cell }) => cell);
    const series = cells.map((cell) => ({
      fill: ({ ctx }: uPlot) => painter.fill(ctx, setting, cell),
      stroke: palette.quiet,
      width: 1,
      points: { show: false },
      paths: uPlot.paths.bars?.({ size: [0.9, 60], align: 0 }),
    }));
    // Each part has its own place beside the middle of its bar.
    const place = (i: number, part: number) => i + (part - (parts.length - 1) / 2) * width;
    const spots = shown.flatMap(({ counts }, i) => counts.map((n, part) => ({ x: place(i, part), n, i, part })));
    const xs = spots.map(({ x }) => x);
    const ys = cells.map((_, s) => spots.map(({ n, i, part }) => ((keyed ? part : i) === s ? n : null)));
    const axis = {
      stroke: palette.quiet,
      grid: { stroke: palette.line, width: 1 },
      ticks: { show: false },
      font: "11px system-ui",
    };
    const plot = new uPlot(
      {
        width: at.clientWidth,
        height,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: [-0.6, shown.length - 0.4] },
          y: { range: (_, __, max) => [0, Math.max(1, max * 1.08)] },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 26,
            splits: () => shown.map((_, i) => i),
            values: (_, at) => at.map((i) => short(shown[i]?.name ?? "", shown.length)),
          },
          { ...axis, size: 40, incrs: whole },
        ],
        series: [{}, ...series],
      },
      [xs, ...ys] as uPlot.AlignedData,
      at,
    );
    return () => plot.destroy();
  }, [data, theme]);

  if (shown.length === 0) return <p className="quiet">There is nobody to count.</p>;
  return (
    <figure className="bars">
      <div ref={box} aria-hidden="true" />
      <figcaption>
        <table>
          <caption className="unseen">{label}</caption>
          <thead className={keyed ? undefined : "unseen"}>
            <tr>
              <th scope="col">{of}</th>
              {parts.map(({ name, cell }) => (
                <th key={name} scope="col">
                  {keyed && <Swatch setting={setting} cell={cell} />} {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((bar) => (
              <tr key={bar.name}>
                <th scope="row">
                  {!keyed && <Swatch setting={setting} cell={bar.cell} />} {bar.name}
                </th>
                {bar.counts.map((n, i) => (
                  <td key={parts[i]?.name}>{n}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {bars.length > most && <p className="quiet">and {bars.length - most} more</p>}
      </figcaption>
    </figure>
  );
}

function short(name: string, of: number): string {
  const room = Math.max(3, Math.floor(44 / of));
  return name.length > room ? `${name.slice(0, room - 1)}…` : name;
}
