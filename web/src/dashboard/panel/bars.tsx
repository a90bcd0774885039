// Bars, drawn by uPlot: one for each name, or for each name one a part. The numbers stand beneath as text.

import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useTheme } from "../../shared/theme";
import { palettes } from "../heatmap/paint";

interface Props {
  label: string;
  /** What the parts of a bar are. */
  names: readonly string[];
  bars: readonly { name: string; parts: readonly number[] }[];
}

const most = 12;
const height = 150;

export function Bars({ label, names, bars }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const shown = bars.slice(0, most);
  const data = JSON.stringify({ names, shown });

  // biome-ignore lint/correctness/useExhaustiveDependencies: data stands for names and bars
  useEffect(() => {
    const at = box.current;
    if (!at || shown.length === 0) return;
    const palette = palettes[theme];
    const tones = [palette.on[0], palette.steps[2]?.[0], palette.caution, palette.steps[4]?.[0], palette.quiet];
    const width = 0.8 / names.length;
    const series = names.map((_, part) => ({
      label: names[part],
      fill: tones[part % tones.length],
      width: 0,
      points: { show: false },
      paths: uPlot.paths.bars?.({ size: [0.9, 60], align: 0 }),
    }));
    // Each part has its own place beside the middle of its bar.
    const x = names.map((_, part) => shown.map((_, i) => i + (part - (names.length - 1) / 2) * width));
    const xs = x.flat().sort((a, b) => a - b);
    const ys = names.map((_, part) =>
      xs.map((value) => {
        const i = x[part]?.indexOf(value) ?? -1;
        return i < 0 ? null : (shown[i]?.parts[part] ?? 0);
      }),
    );
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
          { ...axis, size: 40 },
        ],
        series: [{}, ...series],
      },
      [xs, ...ys] as uPlot.AlignedData,
      at,
    );
    return () => plot.destroy();
  }, [data, theme]);

  return (
    <figure className="bars">
      <div ref={box} aria-hidden="true" />
      <figcaption>
        <table>
          <caption className="unseen">{label}</caption>
          <thead className={names.length > 1 ? undefined : "unseen"}>
            <tr>
              <th scope="col">Value</th>
              {names.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((bar) => (
              <tr key={bar.name}>
                <th scope="row">{bar.name}</th>
                {bar.parts.map((n, i) => (
                  <td key={names[i]}>{n}</td>
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
