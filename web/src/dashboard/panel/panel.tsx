// The panel at the right: a cell, a setting, or a person, whichever the address names.

import { useEffect } from "react";
import { useDesk } from "../desk";
import { find } from "../model/catalogue";
import { CellPanel } from "./cell";
import { PersonPanel } from "./person";
import { SettingPanel } from "./setting";

export function Panel({ rows }: { rows: readonly number[] }) {
  const { board, view, setView } = useDesk();
  const isOpen = Boolean(view.person || view.setting);
  useEffect(() => {
    if (!isOpen) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
      setView({ person: null, setting: null }, true);
      document.querySelector<HTMLElement>(".scroller")?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [isOpen, setView]);
  if (!isOpen) return null;

  const setting = view.setting ? find(view.setting) : undefined;
  const row = view.person ? board.rowOf(view.person) : undefined;
  const person = row === undefined ? undefined : board.people[row];
  return (
    <aside className="panel" aria-label="Details">
      <button
        type="button"
        className="close plain"
        aria-label="Close"
        onClick={() => setView({ person: null, setting: null }, true)}
      >
        ×
      </button>
      {view.person && !person && <p className="quiet">This person is not listed here, or not yet.</p>}
      {person && row !== undefined && setting && <CellPanel row={row} person={person} setting={setting} />}
      {person && row !== undefined && !setting && <PersonPanel row={row} person={person} />}
      {!view.person && setting && <SettingPanel rows={rows} setting={setting} />}
    </aside>
  );
}
