// Where things lie in the heatmap: a header of setting names at the top, a column of people at the left, and cells of
// one size behind both, of which only those in sight are drawn. Lengths are CSS pixels.

/** What the heatmap is made of, and how large the parts are. */
export interface Geometry {
  rows: number;
  columns: number;
  nameWidth: number;
  headerHeight: number;
  rowHeight: number;
  cellWidth: number;
  /** Whether the settings' names are turned, since they do not fit over their columns. */
  turned: boolean;
  /** How long a turned name may be. */
  labelRoom: number;
  /** What scrolls. */
  width: number;
  height: number;
}

/** What is in sight of it. */
export interface Window {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A place in the heatmap: row -1 is the header, column -1 the people's names. */
export interface Place {
  row: number;
  column: number;
}

const rowHeight = 34;
const minCell = 26;
const maxCell = 150;
const longestLabel = 170; // what is longer is shortened; the whole name is told on hover
const turnedAngle = (58 * Math.PI) / 180;
const band = 20; // the sections' names, above those of the settings
const margin = 10;

/** The height above the setting names in which the sections' names stand. */
export const sectionBand = band;

/** How far names are turned, in radians. */
export const labelAngle = -turnedAngle;

/** Lays out a heatmap for a width, with the widths that the columns' names have. */
export function geometry(rows: number, labels: readonly number[], width: number): Geometry {
  const columns = labels.length;
  const nameWidth = Math.round(Math.min(250, Math.max(132, width * 0.24)));
  const longest = Math.min(longestLabel, Math.max(0, ...labels));
  const room = Math.max(0, width - nameWidth) / Math.max(columns, 1);
  let cellWidth = Math.floor(Math.min(maxCell, Math.max(minCell, room)));
  const turned = longest + margin > cellWidth;
  const overhang = turned ? Math.ceil(Math.cos(turnedAngle) * longest) : 0; // of the last column's name
  if (turned && columns > 0) {
    cellWidth = Math.floor(Math.min(maxCell, Math.max(minCell, (width - nameWidth - overhang * 0.6) / columns)));
  }
  const tall = turned ? Math.ceil(Math.sin(turnedAngle) * longest) + margin + 8 : 30;
  return {
    rows,
    columns,
    nameWidth,
    headerHeight: band + tall,
    rowHeight,
    cellWidth,
    turned,
    labelRoom: longest,
    width: nameWidth + cellWidth * columns + overhang,
    height: band + tall + rowHeight * rows,
  };
}

/** The first row in sight, and the one behind the last. */
export function rowsInSight(g: Geometry, at: Window): [number, number] {
  const first = Math.floor(at.top / g.rowHeight);
  const last = Math.ceil((at.top + at.height - g.headerHeight) / g.rowHeight);
  return [Math.max(0, Math.min(first, g.rows)), Math.max(0, Math.min(last, g.rows))];
}

/** The first column in sight, and the one behind the last. */
export function columnsInSight(g: Geometry, at: Window): [number, number] {
  const first = Math.floor(at.left / g.cellWidth);
  const last = Math.ceil((at.left + at.width - g.nameWidth) / g.cellWidth);
  return [Math.max(0, Math.min(first, g.columns)), Math.max(0, Math.min(last, g.columns))];
}

/** What lies under a point of the window; undefined where nothing does. */
export function placeAt(g: Geometry, at: Window, x: number, y: number): Place | undefined {
  const row = y < g.headerHeight ? -1 : Math.floor((y - g.headerHeight + at.top) / g.rowHeight);
  // The higher up in a turned header, the further to the right a name has gone.
  const drift = row === -1 && g.turned && y > band ? (g.headerHeight - y) / Math.tan(turnedAngle) : 0;
  const column = x < g.nameWidth ? -1 : Math.floor((x - g.nameWidth + at.left - drift) / g.cellWidth);
  if (row >= g.rows || column >= g.columns || (x >= g.nameWidth && column < 0)) return undefined;
  return { row, column };
}

/** Where to scroll so that a place is in sight; as it is where it is already. Header and names always are. */
export function reveal(g: Geometry, at: Window, place: Place): { left: number; top: number } {
  const x = place.column * g.cellWidth;
  const y = place.row * g.rowHeight;
  return {
    left: place.column < 0 ? at.left : into(at.left, x, g.cellWidth, at.width - g.nameWidth),
    top: place.row < 0 ? at.top : into(at.top, y, g.rowHeight, at.height - g.headerHeight),
  };
}

function into(scroll: number, start: number, size: number, room: number): number {
  if (start < scroll) return start;
  return start + size > scroll + room ? start + size - room : scroll;
}
