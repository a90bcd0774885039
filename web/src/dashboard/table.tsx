// The heatmap's data as a table: for screen readers, for copying, and for reading values one by one.

import { useEffect, useState } from "react";
import { useDesk } from "./desk";
import { shortName } from "./model/catalogue";
import { cellText } from "./model/cell";
import { deviates } from "./model/policy";

const pageCells = 2000; // more would be felt while a filter is typed

export function Table({ rows }: { rows: readonly number[] }) {
  const { board, loader, view, setView, columns } = useDesk();
  const [page, setPage] = useState(0);
  const pageRows = Math.min(100, Math.ceil(pageCells / Math.max(columns.length, 1)));
  const pages = Math.max(1, Math.ceil(rows.length / pageRows));
  const at = Math.min(page, pages - 1);
  const shown = rows.slice(at * pageRows, (at + 1) * pageRows);
  useEffect(() => loader.see(rows.slice(at * pageRows, (at + 1) * pageRows)), [loader, rows, at, pageRows]);
  return (
    <div className="table">
      <div className="scroller" tabIndex={0} role="region" aria-label="Settings of people">
        <table>
          <caption className="unseen">
            Settings of {rows.length} people, page {at + 1} of {pages}
          </caption>
          <thead>
            <tr>
              <th scope="col">Person</th>
              <th scope="col">E-mail</th>
              {columns.map((setting) => (
                <th key={setting.id} scope="col" title={setting.description ?? undefined}>
                  <button
                    type="button"
                    className="plain"
                    onClick={() => setView({ person: null, setting: setting.id }, true)}
                  >
                    {shortName(setting)}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => {
              const person = board.people[row];
              if (!person) return null;
              return (
                <tr key={person.id}>
                  <th scope="row">
                    <button
                      type="button"
                      className="plain"
                      onClick={() => setView({ person: person.id, setting: null }, true)}
                    >
                      {person.name}
                    </button>
                  </th>
                  <td>{person.email}</td>
                  {columns.map((setting) => {
                    const cell = board.cell(row, setting.id);
                    const off = deviates(view.policy, setting.id, cell);
                    return (
                      <td key={setting.id} className={off ? "deviates" : cell?.state === "value" ? undefined : "quiet"}>
                        {cellText(setting, cell)}
                        {off && <span className="unseen"> (deviates)</span>}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {pages > 1 && (
        <nav className="pages" aria-label="Pages of the table">
          <button type="button" disabled={at === 0} onClick={() => setPage(at - 1)}>
            Previous
          </button>
          <span>
            {at + 1} of {pages}
          </span>
          <button type="button" disabled={at === pages - 1} onClick={() => setPage(at + 1)}>
            Next
          </button>
        </nav>
      )}
    </div>
  );
}
