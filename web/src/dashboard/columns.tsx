// Choosing columns from the schema's settings tree, by section or by search.

import { useMemo, useState } from "react";
import { useDesk } from "./desk";
import { Modal } from "./modal";
import { maxColumns } from "./model/address";
import { firstColumns, type Setting, search, sectionName, settings, shortName, viewsOf } from "./model/catalogue";
import { Name, Prose } from "./prose";

export function ColumnsDialog({ onClose }: { onClose(): void }) {
  const { columns, board, setView } = useDesk();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(columns.map((setting) => setting.id)));
  const found = useMemo(() => bySection(search(text)), [text]);
  const ordered = settings.filter((setting) => chosen.has(setting.id));
  const full = chosen.size >= maxColumns;

  const toggle = (of: readonly Setting[], on: boolean) => {
    const next = new Set(chosen);
    for (const { id } of of) {
      if (!on) next.delete(id);
      else if (next.size < maxColumns) next.add(id);
    }
    setChosen(next);
  };
  const apply = () => {
    if (ordered.length > 0) setView({ columns: ordered.map((setting) => setting.id) }, true);
    onClose();
  };
  const calls = viewsOf(ordered) * board.people.length;

  return (
    <Modal title="Columns" className="columns" onClose={onClose}>
      <label className="unseen" htmlFor="setting-search">
        Search settings
      </label>
      <input
        id="setting-search"
        type="search"
        placeholder="Search settings: waiting room, recording, encryption …"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="tree" role="group" aria-label="Settings">
        {found.length === 0 && <p className="quiet">No setting is about that.</p>}
        {found.map(([section, of]) => (
          <fieldset key={section}>
            <legend>
              {sectionName(section)}
              <button type="button" className="plain" onClick={() => toggle(of, !of.every((s) => chosen.has(s.id)))}>
                {of.every((s) => chosen.has(s.id)) ? "none" : "all"}
              </button>
            </legend>
            {of.map((setting) => (
              <label key={setting.id} className="setting">
                <input
                  type="checkbox"
                  checked={chosen.has(setting.id)}
                  disabled={full && !chosen.has(setting.id)}
                  onChange={(event) => toggle([setting], event.target.checked)}
                />
                <span>
                  <b>
                    <Name of={shortName(setting)} />
                  </b>
                  {setting.deprecated && <em> deprecated</em>}
                  {setting.sensitive && <em> secret</em>}
                  {setting.description && (
                    <small>
                      <Prose text={setting.description} />
                    </small>
                  )}
                </span>
              </label>
            ))}
          </fieldset>
        ))}
      </div>
      <div className="foot">
        <span className="quiet">
          {chosen.size} of at most {maxColumns}; reading them anew for {board.people.length} people is {calls} calls
        </span>
        <button type="button" className="plain" onClick={() => setChosen(new Set(firstColumns.map((s) => s.id)))}>
          Reset
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="primary" disabled={chosen.size === 0} onClick={apply}>
          Show {chosen.size} columns
        </button>
      </div>
    </Modal>
  );
}

function bySection(found: readonly Setting[]): [string, Setting[]][] {
  const sections = new Map<string, Setting[]>();
  for (const setting of found) {
    const of = sections.get(setting.section);
    if (of) of.push(setting);
    else sections.set(setting.section, [setting]);
  }
  return [...sections];
}
