// A change for many people: it names the price first, goes person by person, can be stopped, and says what became of each.

import { useEffect, useRef, useState } from "react";
import { useDesk } from "./desk";
import { Modal } from "./modal";
import { type Problem, problemText, sentence } from "./model/ask";
import { type Json, type Setting, shortName } from "./model/catalogue";
import { valueText } from "./model/cell";
import { change, type Outcome, type Price, priceOf, priceText } from "./model/changes";

export interface BulkChange {
  rows: readonly number[];
  setting: Setting;
  value: Json;
}

export function Bulk({ change: wanted, onClose }: { change: BulkChange; onClose(): void }) {
  const { ask, board, health, limits, writing } = useDesk();
  const { recoveries } = health;
  const [price, setPrice] = useState<Price | Problem>();
  const [rows, setRows] = useState(wanted.rows);
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);
  const [running, setRunning] = useState(false);
  const controller = useRef(new AbortController());
  const next = useRef<HTMLButtonElement>(null);
  const budget = useRef(limits);
  budget.current = limits;
  const { setting, value } = wanted;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what could not be told may be told after a trouble
  useEffect(() => {
    void priceOf(ask, board, rows, setting, value, budget.current).then(setPrice);
  }, [ask, board, rows, setting, value, recoveries]);
  useEffect(() => () => controller.current.abort(), []);
  const started = running || outcomes.length > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the button that had the focus is gone when either changes
  useEffect(() => next.current?.focus(), [running, started]);

  const run = async () => {
    controller.current = new AbortController();
    setRunning(true);
    setOutcomes([]);
    for (const row of rows) writing(board.people[row]?.id ?? "", setting);
    await change(
      ask,
      board,
      rows,
      setting,
      value,
      (outcome) => setOutcomes((before) => [...before, outcome]),
      controller.current.signal,
    );
    setRunning(false);
  };
  const failed = outcomes.filter((outcome) => !outcome.applied);
  const changed = outcomes.length - failed.length;
  const again = () => {
    const done = new Set(outcomes.filter((outcome) => outcome.applied).map((outcome) => outcome.row));
    setRows(rows.filter((row) => !done.has(row)));
    setOutcomes([]);
  };

  return (
    <Modal
      title={`${shortName(setting)}: change to “${valueText(setting, value)}”`}
      className="bulk"
      firm={started}
      onClose={running ? () => controller.current.abort() : onClose}
    >
      {!started && (
        <p role="status">
          {!price ? "Asking what it costs …" : "message" in price ? problemText(price) : priceText(price, setting.zoom)}
        </p>
      )}
      {!started && (
        <ul className="who">
          {rows.slice(0, 12).map((row) => (
            <li key={row}>{board.people[row]?.name}</li>
          ))}
          {rows.length > 12 && <li className="quiet">and {rows.length - 12} more</li>}
        </ul>
      )}
      {started && (
        <>
          <progress max={rows.length} value={outcomes.length} aria-label="People who are done" />
          <p role="status">
            {outcomes.length} of {rows.length} done · {changed} changed · {failed.length} not changed
            {!running && outcomes.length < rows.length && ` · stopped, ${rows.length - outcomes.length} not tried`}
          </p>
          <ul className="problems">
            {failed.map((outcome) => (
              <li key={outcome.row}>
                {board.people[outcome.row]?.name}: {sentence(outcome.message ?? "")}
              </li>
            ))}
          </ul>
        </>
      )}
      <div className="foot">
        <span className="apart" />
        {running && (
          <button ref={next} type="button" title="Esc" onClick={() => controller.current.abort()}>
            Stop
          </button>
        )}
        {!running && started && changed < rows.length && (
          <button type="button" onClick={again}>
            Try the other {rows.length - changed} again …
          </button>
        )}
        {!running && (
          <button ref={next} type="button" onClick={onClose}>
            {started ? "Close" : "Cancel"}
          </button>
        )}
        {!started && (
          <button type="button" className="primary" disabled={!price || "message" in price} onClick={() => void run()}>
            Change {rows.length === 1 ? "1 person" : `${rows.length} people`}
          </button>
        )}
      </div>
    </Modal>
  );
}
