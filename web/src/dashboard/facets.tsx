// The facets at the left: which people, by status, group, role and department, each with how many that would be.

import { useMemo, useState } from "react";
import { useDesk } from "./desk";
import { Places } from "./model/arrangement";
import type { Status } from "./model/board";
import { type Facet, facetValues, rowsKey } from "./model/rows";

const statuses: [Status, string][] = [
  ["ACTIVE", "active"],
  ["INACTIVE", "inactive"],
  ["PENDING", "pending"],
];

export function Facets() {
  const { view, setView } = useDesk();
  const [open, setOpen] = useState(false);
  const chosen = view.groups.length + view.roles.length + view.depts.length;
  return (
    <aside className={open ? "facets open" : "facets"} aria-label="Filters">
      <button type="button" className="fold plain" aria-expanded={open} onClick={() => setOpen(!open)}>
        Filters{chosen > 0 ? ` (${chosen})` : ""}
      </button>
      <div className="facet-list">
        <fieldset>
          <legend>Status</legend>
          {statuses.map(([status, name]) => (
            <StatusBox key={status} status={status} name={name} />
          ))}
        </fieldset>
        <FacetBox facet="groups" title="Group" />
        <FacetBox facet="roles" title="Role" />
        <FacetBox facet="depts" title="Department" />
        {chosen > 0 && (
          <button type="button" className="plain" onClick={() => setView({ groups: [], roles: [], depts: [] })}>
            Clear filters
          </button>
        )}
      </div>
    </aside>
  );
}

function StatusBox({ status, name }: { status: Status; name: string }) {
  const { board, loader, view, setView } = useDesk();
  const checked = view.statuses.includes(status);
  const count = useMemo(
    () => board.people.reduce((n, person) => n + (person.status === status ? 1 : 0), 0),
    [board.people, status],
  );
  const toggle = () => {
    const next = statuses.map(([s]) => s).filter((s) => (s === status ? !checked : view.statuses.includes(s)));
    if (next.length > 0) setView({ statuses: next });
  };
  return (
    <label>
      <input type="checkbox" checked={checked} onChange={toggle} />
      <span className="name">{name}</span>
      <span className="count">{count > 0 || loader.isListed([status]) ? count : ""}</span>
    </label>
  );
}

const few = 8;

function FacetBox({ facet, title }: { facet: Facet; title: string }) {
  const { board, view, setView } = useDesk();
  const [all, setAll] = useState(false);
  // People arrive while one reads: what is there keeps its place, until one folds the list, which moves all of it anyway.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new order whenever the list is folded or unfolded
  const places = useMemo(() => new Places(), [all]);
  // Cells count only where people are chosen by them.
  const cells = view.deviating ? board.cellVersion : 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the board is mutable, its versions say when it changed
  const values = useMemo(
    () => places.order(facetValues(board, view, facet)),
    [board, board.peopleVersion, cells, rowsKey(view), facet, places],
  );
  if (values.length === 0) return null;
  const shown = all ? values : values.filter((value, i) => i < few || value.chosen);
  const toggle = (id: string) => {
    const chosen = view[facet];
    setView({ [facet]: chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id] });
  };
  return (
    <fieldset>
      <legend>{title}</legend>
      {shown.map((value) => (
        <label key={value.id} className={value.count === 0 ? "quiet" : undefined}>
          <input type="checkbox" checked={value.chosen} onChange={() => toggle(value.id)} />
          <span className="name" title={value.name}>
            {value.name}
          </span>
          <span className="count">{value.count}</span>
        </label>
      ))}
      {values.length > few && (
        <button type="button" className="plain" onClick={() => setAll(!all)}>
          {all ? "Fewer" : `All ${values.length}`}
        </button>
      )}
    </fieldset>
  );
}
