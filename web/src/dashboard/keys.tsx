// The keys that work everywhere, and the list of all keys.

import { useEffect, useRef } from "react";

const keys: [string, string][] = [
  ["/", "search people"],
  ["↑ ↓ ← →", "move through cells"],
  ["Page Up, Page Down, Home, End", "move far"],
  ["Enter", "open a cell, a person or a setting"],
  ["e", "edit the cell"],
  ["p", "pin the cell’s value as policy"],
  ["c", "choose columns"],
  ["Ctrl C", "copy what is shown, in the heatmap"],
  ["Esc", "close what is open"],
  ["?", "this list"],
];

export function Keys() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target } = event;
      const typing = target instanceof HTMLElement && target.closest("input, textarea, select, dialog");
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "?") dialog.current?.showModal();
      else if (event.key === "/") document.getElementById("search")?.focus();
      else if (event.key === "c") document.getElementById("columns")?.click();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <dialog ref={dialog} className="keys" aria-labelledby="keys-title">
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
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
