// What an operator looks at: how things are with Zoom, what is left of the budget, and what Zoom sends that the schema does
// not name.

import { useEffect, useState } from "react";
import type { UnknownNamesQuery } from "../gql/graphql";
import { type Limit, useDesk } from "./desk";
import { Modal } from "./modal";
import type { Problem } from "./model/ask";
import { unknownNamesDocument } from "./model/documents";

type Names = UnknownNamesQuery["unknownNames"];

export function Operator({ onClose }: { onClose(): void }) {
  const { health, limits } = useDesk();
  const { names, problem } = useNames();
  return (
    <Modal title="The service and Zoom" className="operator" onClose={onClose}>
      <section aria-label="Zoom">
        <h3>Zoom</h3>
        <p>{health.trouble ? health.trouble.problem.message : "All is well: Zoom answers, and takes calls."}</p>
      </section>
      <section aria-label="Budget">
        <h3>Budget</h3>
        {limits.length > 0 ? <Budget limits={limits} /> : <p>Calls are not paced.</p>}
      </section>
      <section aria-label="Unknown names">
        <h3>Unknown names</h3>
        {problem && <p className="problems">{problem.message}</p>}
        {names && <Unknown names={names} />}
        {!names && !problem && <p className="quiet">Asking the service</p>}
      </section>
      <div className="foot">
        <span className="apart" />
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Modal>
  );
}

/** Asks once, when it is opened. */
function useNames(): { names?: Names; problem?: Problem } {
  const { ask } = useDesk();
  const [answer, setAnswer] = useState<{ names?: Names; problem?: Problem }>({});
  useEffect(() => {
    const over = new AbortController();
    void ask(unknownNamesDocument, {}, { signal: over.signal }).then(({ data, problems }) => {
      if (!over.signal.aborted) setAnswer({ names: data?.unknownNames, problem: problems[0] });
    });
    return () => over.abort();
  }, [ask]);
  return answer;
}

function Budget({ limits }: { limits: readonly Limit[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Label</th>
          <th scope="col">Calls left</th>
          <th scope="col">A second</th>
          <th scope="col">Waiting</th>
          <th scope="col">Refused</th>
          <th scope="col">Left today</th>
        </tr>
      </thead>
      <tbody>
        {limits.map((limit) => (
          <tr key={limit.label}>
            <th scope="row">{limit.label.replaceAll("_", " ").toLowerCase()}</th>
            <td>{limit.remaining}</td>
            <td>{Math.round(limit.limit * 10) / 10}</td>
            <td>{limit.waiting}</td>
            <td>{limit.refused}</td>
            <td>{limit.dailyRemaining ?? "no limit"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Unknown({ names: { keys, values } }: { names: Names }) {
  if (keys.length + values.length === 0) {
    return <p>None: the schema names all that Zoom has sent, in the answers that were looked at.</p>;
  }
  return (
    <>
      <p className="quiet">
        Zoom sends this, and the schema does not name it. <code>zoomgraph schema diff</code> writes what is missing from
        Zoom’s newer documents.
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col">Name</th>
            <th scope="col">Seen</th>
          </tr>
        </thead>
        <tbody>
          {keys.map(({ operation, key, seen }) => (
            <tr key={`${operation} ${key}`}>
              <td>{operation}</td>
              <td>
                <code>{key}</code>
              </td>
              <td>{seen}</td>
            </tr>
          ))}
          {values.map(({ field, value, seen }) => (
            <tr key={`${field} ${value}`}>
              <td>{field}</td>
              <td>
                value <code>{value}</code>
              </td>
              <td>{seen}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
