import { useEffect, useRef, useState } from "react";
import { paceText } from "./pace";
import { type Answer, mostAnswers, type Run, useRun } from "./runs";
import {
  type Axis,
  axisOf,
  barOf,
  type Call,
  type Cost,
  causeText,
  type Row,
  rowsOf,
  timeText,
  totalOf,
} from "./waterfall";

/** The calls that the answers of a tab's operation cost, as a waterfall. */
export function Calls({ tab }: { tab: string | undefined }) {
  const run = useRun(tab);
  const [open, setOpen] = useState(true);
  return (
    <section className="calls" aria-label="Calls to Zoom">
      <header>
        <button type="button" aria-expanded={open} aria-controls="calls-body" onClick={() => setOpen(!open)}>
          <span aria-hidden="true">{open ? "▾" : "▸"}</span> Calls
        </button>
        <Summary run={run} />
      </header>
      <div id="calls-body" hidden={!open}>
        {open && <Body run={run} />}
      </div>
    </section>
  );
}

function Summary({ run }: { run: Run | undefined }) {
  const costs = run?.answers.flatMap(({ zoom }) => zoom.cost ?? []) ?? [];
  if (run?.price) return <output className="total">priced, not run</output>;
  return <output className="total">{costs.length > 0 && <Total cost={totalOf(costs)} />}</output>;
}

function Total({ cost }: { cost: Cost }) {
  return (
    <>
      <b>
        {cost.calls} {cost.calls === 1 ? "call" : "calls"}
      </b>
      <span>{cost.cached} cached</span>
      <span>{cost.coalesced} coalesced</span>
      <span>waited {timeText(cost.waitedMs)}</span>
      <Labels byLabel={cost.byLabel} />
    </>
  );
}

function Labels({ byLabel }: { byLabel: Record<string, number> }) {
  return Object.entries(byLabel).map(([label, n]) => (
    <span key={label} className="label" data-label={label}>
      {label} {n}
    </span>
  ));
}

function Body({ run }: { run: Run | undefined }) {
  if (run?.price || run?.unpriced) return <Priced run={run} />;
  if (!run || run.answers.length === 0) {
    return (
      <p className="empty">
        {run?.streams
          ? "Waiting for the first change. Each will show what it cost."
          : run
            ? "Waiting for the answer."
            : "Run an operation to see the calls to Zoom that it costs, when each left, and which field caused it."}
      </p>
    );
  }
  return <Waterfall run={run} />;
}

function Priced({ run: { price, unpriced } }: { run: Run }) {
  if (!price) {
    return (
      <p className="empty" role="alert">
        No price: {unpriced}
      </p>
    );
  }
  const dear = price.calls > price.limit;
  return (
    <p className={dear ? "empty dear" : "empty"} role="status">
      At most{" "}
      <b>
        {price.calls} {price.calls === 1 ? "call" : "calls"}
      </b>{" "}
      <Labels byLabel={price.byLabel} /> {paceText(price)}
      {dear && ` That is more than the ${price.limit} that one operation may cost: it would be refused.`}
    </p>
  );
}

function Waterfall({ run }: { run: Run }) {
  const [shown, setShown] = useState<Row>();
  const groups = run.answers.map((answer) => ({ answer, rows: rowsOf(answer.zoom) }));
  const axis = axisOf(groups.flatMap(({ rows }) => rows));
  const box = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change that comes in is shown
  useEffect(() => {
    if (run.streams) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [run.count]);
  if (!run.streams && groups.every(({ rows }) => rows.length === 0)) {
    return <p className="empty">{unseen(run.answers[0]?.zoom.cost)}</p>;
  }
  return (
    <>
      <div className="rows" ref={box}>
        <table>
          <caption className="unseen">
            Calls to Zoom and reads that cost none, in the order of time, each with the fields that caused it
          </caption>
          <colgroup>
            <col className="c-operation" />
            <col className="c-label" />
            <col className="c-time" />
            <col className="c-read" />
            <col className="c-read" />
          </colgroup>
          <thead>
            <tr>
              <th scope="col">Operation</th>
              <th scope="col">Label</th>
              <th scope="col">
                <span className="unseen">Time from the operation's start</span>
                <Ticks axis={axis} />
              </th>
              <th scope="col" className="read">
                <span className="unseen">Fields sent</span>
              </th>
              <th scope="col" className="read">
                <span className="unseen">Caused by</span>
              </th>
            </tr>
          </thead>
          {groups.map(({ answer, rows }) => (
            <tbody key={answer.number}>
              {run.streams && <Marker answer={answer} />}
              {rows.map((row) => (
                <Line key={row.key} row={row} axis={axis} onShow={setShown} />
              ))}
            </tbody>
          ))}
        </table>
      </div>
      <Detail run={run} row={shown} />
    </>
  );
}

/** Why there is nothing to draw. */
function unseen(cost: Cost | undefined): string {
  if (!cost) return "Zoom was not touched: everything in this answer was known or the operation did not run.";
  if (cost.calls > 0) return "No single call is listed.";
  return "Nothing was sent to Zoom: everything was known already.";
}

function Marker({ answer }: { answer: Answer }) {
  return (
    <tr className="marker">
      <th scope="rowgroup" colSpan={5}>
        change {answer.number} · {answer.at.toLocaleTimeString()}
        {!answer.zoom.cost && " · no call"}
      </th>
    </tr>
  );
}

function Ticks({ axis }: { axis: Axis }) {
  return (
    <span className="ticks" aria-hidden="true">
      {axis.ticks.map((tick) => (
        <span key={tick} style={{ left: `${(100 * tick) / axis.max}%` }}>
          {timeText(tick)}
        </span>
      ))}
    </span>
  );
}

const kinds = { CALL: "call", CACHED: "known already", COALESCED: "by another read's call" };

function Line({ row, axis, onShow }: { row: Row; axis: Axis; onShow(row: Row): void }) {
  const { entry } = row;
  const show = () => onShow(row);
  return (
    <tr tabIndex={0} data-kind={row.kind} onMouseEnter={show} onFocus={show}>
      <th scope="row">
        <b>{entry.operation}</b> <small>{`${entry.method} ${entry.path}`}</small>
      </th>
      <td>
        <span className="label" data-label={entry.label}>
          {entry.label ?? "none"}
        </span>
      </td>
      <td className="time">
        <span className="unseen">{timeline(row)}</span>
        <Drawing row={row} axis={axis} />
      </td>
      <td className="read">
        <span className="unseen">{fieldsText(entry.fields)}</span>
      </td>
      <td className="read">
        <span className="unseen">{causeText(entry)}</span>
      </td>
    </tr>
  );
}

function Drawing({ row, axis }: { row: Row; axis: Axis }) {
  const bar = barOf(row, axis);
  return (
    <span className="track" aria-hidden="true" data-label={row.entry.label}>
      {axis.ticks.map((tick) => (
        <i key={tick} className="line" style={{ left: `${(100 * tick) / axis.max}%` }} />
      ))}
      {row.kind === "CALL" ? (
        <>
          <i className="waited" style={{ left: `${bar.left}%`, width: `${bar.waited}%` }} />
          <i className="took" style={{ left: `${bar.left + bar.waited}%`, width: `${bar.took}%` }} />
        </>
      ) : (
        <i className="dot" style={{ left: `${Math.min(100, (100 * row.end) / axis.max)}%` }} />
      )}
    </span>
  );
}

function timeline(row: Row): string {
  if (row.kind !== "CALL") return `${kinds[row.kind]}, answered at ${timeText(row.end)}`;
  const call = row.entry as Call;
  const waited = call.waitedMs > 0 ? `, waited ${timeText(call.waitedMs)}` : "";
  return `at ${timeText(row.start)}${waited}, took ${timeText(call.tookMs)}`;
}

function fieldsText(fields: string[] | undefined): string {
  return fields ? fields.join(", ") : "everything";
}

/** What hovering and focus tell of a row, always in the same place. */
function Detail({ run, row }: { run: Run; row: Row | undefined }) {
  const listed = run.answers.reduce((n, { zoom }) => n + (zoom.calls?.length ?? 0), 0);
  const calls = totalOf(run.answers.flatMap(({ zoom }) => zoom.cost ?? [])).calls;
  return (
    <div className="detail">
      {row ? (
        <>
          <b>{row.entry.operation}</b> {timeline(row)}
          {outcome(row)}
          <br />
          fields: {fieldsText(row.entry.fields)}
          {row.entry.option && ` (option ${row.entry.option})`} · caused by: {causeText(row.entry) || "not told"}
        </>
      ) : (
        <>
          <i className="waited" /> waited <i className="took" /> took <i className="dot" data-kind="CACHED" /> cached{" "}
          <i className="dot" data-kind="COALESCED" /> coalesced
        </>
      )}
      {!row && calls > listed && (
        <span>
          {" "}
          · {listed} of {calls} calls are listed
        </span>
      )}
      {!row && run.count > mostAnswers && (
        <span>
          {" "}
          · the last {mostAnswers} of {run.count} changes
        </span>
      )}
    </div>
  );
}

function outcome(row: Row): string {
  if (row.kind !== "CALL") return "";
  const { status, bytes, attempts } = row.entry as Call;
  return ` · ${status === 0 ? "no answer" : `status ${status}`} · ${bytes} bytes${attempts ? ` · sent ${attempts} times` : ""}`;
}
