// The keys that work everywhere, and the list of all keys.

import { useEffect } from "react";

const id = "keys";

/** Shows the list. */
export function showKeys(): void {
  const list = document.getElementById(id);
  if (list instanceof HTMLDialogElement) list.showModal();
}

const keys: [string, string][] = [
  ["/", "search people"],
  ["↑ ↓ ← →", "move through cells"],
  ["PgUp PgDn Home End", "move far; with Ctrl to the first or last person"],
  ["Enter", "open a cell, a person or a setting"],
  ["e", "edit the cell"],
  ["p", "pin the cell’s value as policy"],
  ["c", "choose columns"],
  ["Ctrl C", "copy what the heatmap shows, for a spreadsheet"],
  ["Esc", "close what is open, or stop it"],
  ["?", "this list"],
];

export function Keys() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target } = event;
      const typing = target instanceof HTMLElement && target.closest("input, textarea, select, dialog");
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "?") showKeys();
      else if (event.key === "/") document.getElementById("search")?.focus();
      else if (event.key === "c") document.getElementById("columns")?.click();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      id={id}
      aria-labelledby="keys-title"
      onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}
    >
      <div className="inside keys">
        <h2 id="keys-title">Keys</h2>
        <dl>
          {keys.map(([key, what]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <form method="dialog" className="foot">
          <span className="apart" />
          <button type="submit">Close</button>
        </form>
      </div>
    </dialog>
  );
}
