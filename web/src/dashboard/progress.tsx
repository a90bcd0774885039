// How far the page is with its people, what that costs, and what keeps it.

import { useDesk } from "./desk";
import { problemText } from "./model/ask";
import type { Progress } from "./model/loader";

export function ProgressLine() {
  const { loader, missed, reload } = useDesk();
  const { progress } = loader;
  const running = progress.state !== "idle" && progress.state !== "cancelled";
  const part = progress.expected > 0 ? progress.done / progress.expected : 0;
  return (
    <section className="progress" aria-label="Loading">
      <progress max={1} value={part} aria-label="People whose settings are here" />
      <p role="status" className="state">
        {progressText(progress)}
      </p>
      {missed && <p role="status">Changes made while this window was offline are not here before you reload.</p>}
      {progress.problems.map((problem) => (
        <p key={problem.message} className="problem" role="alert">
          {problemText(problem)}
        </p>
      ))}
      <span className="actions">
        {running && (
          <button type="button" className="plain" onClick={() => loader.cancel()}>
            Cancel
          </button>
        )}
        {!running && progress.done < progress.expected && (
          <button type="button" className="plain" onClick={() => loader.resume()}>
            Go on
          </button>
        )}
        {!running && (
          <button type="button" className="plain" onClick={reload}>
            Reload
          </button>
        )}
      </span>
    </section>
  );
}

/** The line: `212 of 500 · 60 calls/s · 5 s left · 0 limited`. */
export function progressText(of: Progress): string {
  const people = `${of.done} of ${of.expected}`;
  const cost = `${of.calls} calls${of.saved > 0 ? `, ${of.saved} saved` : ""}`;
  switch (of.state) {
    case "idle":
      return `${of.done === of.expected ? `${of.expected} people` : people} · ${cost} · ${of.limited} limited`;
    case "cancelled":
      return `Cancelled at ${people} · ${cost}; what came is here`;
    case "people":
      return `Listing people: ${of.expected} so far`;
    default: {
      const parts = [people, `${Math.round(of.rate)} calls/s`];
      if (of.left !== undefined) parts.push(`${Math.ceil(of.left)} s left`);
      parts.push(`${of.limited} limited`);
      if (of.state === "waiting") parts.push("waiting for the budget");
      return parts.join(" · ");
    }
  }
}
