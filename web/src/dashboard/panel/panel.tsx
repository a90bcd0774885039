// The panel at the right: a cell, a setting, or a person, whichever the address names.

import { useEffect, useRef } from "react";
import { useDesk } from "../desk";
import { find } from "../model/catalogue";
import { CellPanel } from "./cell";
import { PersonPanel } from "./person";
import { SettingPanel } from "./setting";

export function Panel({ rows }: { rows: readonly number[] }) {
  const { board, view, setView } = useDesk();
  const isOpen = Boolean(view.person || view.setting);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const before = document.activeElement;
    // Where the panel covers what it was opened from, the focus goes along.
    const opened = panel.current;
    if (opened && getComputedStyle(opened).position === "fixed") opened.querySelector("button")?.focus();
    return () => {
      if (document.activeElement && document.activeElement !== document.body) return; // it is elsewhere by now
      const known = before instanceof HTMLElement && before.isConnected && before !== document.body;
      (known ? before : document.querySelector<HTMLElement>(".scroller"))?.focus();
    };
  }, [isOpen]);
  useEffect(() => {
    if (!isOpen) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
      setView({ person: null, setting: null }, true);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [isOpen, setView]);
  if (!isOpen) return null;

  const setting = view.setting ? find(view.setting) : undefined;
  const row = view.person ? board.rowOf(view.person) : undefined;
  const person = row === undefined ? undefined : board.people[row];
  return (
    <aside ref={panel} className="panel" aria-label="Details">
      <button
        type="button"
        className="close plain"
        aria-label="Close"
        title="Close: Esc"
        onClick={() => setView({ person: null, setting: null }, true)}
      >
        ×
      </button>
      {view.person && !person && <p className="quiet">This person is not among those listed, or not yet.</p>}
      {person && row !== undefined && setting && <CellPanel row={row} person={person} setting={setting} />}
      {person && row !== undefined && !setting && <PersonPanel row={row} person={person} />}
      {!view.person && setting && <SettingPanel rows={rows} setting={setting} />}
    </aside>
  );
}
