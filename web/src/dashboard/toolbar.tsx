// What is shown and how: search, order, columns, policy, and the ways to take it along.

import { useState } from "react";
import { ColumnsDialog } from "./columns";
import { copy } from "./copy";
import { useDesk } from "./desk";
import { find, shortName } from "./model/catalogue";
import { csv } from "./model/csv";
import { PolicyDialog } from "./policy";

export function Toolbar({ rows }: { rows: readonly number[] }) {
  const { board, view, setView, columns, unlisted } = useDesk();
  const [choosing, setChoosing] = useState(false);
  const [policy, setPolicy] = useState(false);
  return (
    <section className="toolbar" aria-label="View">
      <label className="unseen" htmlFor="search">
        Search people
      </label>
      <input
        id="search"
        type="search"
        placeholder="Search people  /"
        value={view.search}
        onChange={(event) => setView({ search: event.target.value })}
        onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
      />
      <span className="found" role="status">
        {!unlisted && peopleText(rows.length, board.people.length)}
      </span>
      <SortBox />
      <button id="columns" type="button" onClick={() => setChoosing(true)}>
        Columns <span className="badge">{columns.length}</span>
      </button>
      <button type="button" onClick={() => setPolicy(true)}>
        Policy {view.policy.size > 0 && <span className="badge loud">{view.policy.size}</span>}
      </button>
      <button
        type="button"
        aria-pressed={view.deviating}
        disabled={view.policy.size === 0}
        title={view.policy.size === 0 ? "Choose a policy first" : "Only people who deviate from the policy"}
        onClick={() => setView({ deviating: !view.deviating })}
      >
        Deviating only
      </button>
      <span className="apart" />
      <button
        type="button"
        aria-pressed={view.table}
        title="The same as a table of text"
        onClick={() => setView({ table: !view.table })}
      >
        Table
      </button>
      <CopyLink />
      <button
        type="button"
        disabled={rows.length === 0}
        title="What is shown, for a spreadsheet"
        onClick={() => save("zoom-settings.csv", csv(board, rows, columns))}
      >
        Export CSV
      </button>
      {choosing && <ColumnsDialog onClose={() => setChoosing(false)} />}
      {policy && <PolicyDialog rows={rows} onClose={() => setPolicy(false)} />}
    </section>
  );
}

const peopleText = (shown: number, all: number) => (shown === all ? `${all} people` : `${shown} of ${all} people`);

function SortBox() {
  const { view, setView, columns } = useDesk();
  const { by, descending } = view.sort;
  const value = typeof by === "object" ? by.setting : by;
  const sortBy = (name: string) => {
    if (name === "name" || name === "deviations" || name === "zoom") {
      setView({ sort: { by: name, descending: name === "deviations" } });
    } else setView({ sort: { by: { setting: name }, descending: false } });
  };
  const offered = typeof by === "object" && !columns.some((c) => c.id === by.setting) ? find(by.setting) : undefined;
  return (
    <span className="sort">
      <label className="unseen" htmlFor="sort">
        Order
      </label>
      <select id="sort" value={value} onChange={(event) => sortBy(event.target.value)}>
        <option value="zoom">Zoom’s order</option>
        <option value="name">by name</option>
        <option value="deviations">by deviations</option>
        <optgroup label="by setting">
          {[...columns, ...(offered ? [offered] : [])].map((setting) => (
            <option key={setting.id} value={setting.id}>
              {shortName(setting)}
            </option>
          ))}
        </optgroup>
      </select>
      <button
        type="button"
        className="plain"
        title={descending ? "Descending" : "Ascending"}
        aria-label={descending ? "Descending; change to ascending" : "Ascending; change to descending"}
        onClick={() => setView({ sort: { by, descending: !descending } })}
      >
        {descending ? "↓" : "↑"}
      </button>
    </span>
  );
}

function CopyLink() {
  const [said, setSaid] = useState("");
  const copyLink = async () => {
    setSaid((await copy(location.href)) ? "Copied" : "Not copied");
    setTimeout(() => setSaid(""), 2000);
  };
  return (
    <>
      <button type="button" className="copy" onClick={copyLink} title="A colleague who opens it sees this same view">
        {said || "Copy link"}
      </button>
      <span className="unseen" role="status">
        {said}
      </span>
    </>
  );
}

/** Lets the browser save a text as a file. */
function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
