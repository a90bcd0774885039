// How far the page is with its people, what that costs, and what keeps it.

import { useDesk, useNarrow } from "./desk";
import type { Arrangement } from "./model/arrangement";
import { problemText } from "./model/ask";
import { progressText } from "./model/progress";

export function ProgressLine() {
  const { loader, missed, reload, arrangement, view } = useDesk();
  const isNarrow = useNarrow();
  const { progress } = loader;
  const running = progress.state !== "idle" && progress.state !== "cancelled";
  const part = progress.expected > 0 ? progress.done / progress.expected : 0;
  return (
    <section className="progress" aria-label="Loading">
      <progress max={1} value={part} aria-label="People whose settings are here" />
      <span className="actions">
        {running && (
          <button type="button" className="plain" title="What came stays" onClick={() => loader.cancel()}>
            Cancel
          </button>
        )}
        {!running && progress.done < progress.expected && (
          <button type="button" className="plain" onClick={() => loader.resume()}>
            Go on
          </button>
        )}
        {!running && (
          <button type="button" className="plain" title="Read everything anew from Zoom" onClick={reload}>
            Reload
          </button>
        )}
      </span>
      <p role="status" className="state">
        {progressText(progress)}
      </p>
      {!(isNarrow && view.policy.size > 0) && <SortAgain arrangement={arrangement} />}
      {missed && (
        <Note className="warn" text="Changes made while this window was offline are not here before you reload." />
      )}
      {loader.alone && <Note className="warn" text="Zoom lets you list nobody else, so you see yourself." />}
      {progress.problems.map((problem) => (
        <Note key={problem.message} className="problem" text={problemText(problem)} />
      ))}
    </section>
  );
}

/** Says that rows stand where they stood before something changed, and lets them be put right. */
export function SortAgain({ arrangement }: { arrangement: Arrangement }) {
  const { board } = useDesk();
  const { outdated } = arrangement;
  const again = () => {
    arrangement.renew();
    board.touch();
  };
  return (
    <p className="again" role="status">
      {outdated === "order" && "Order from before the change"}
      {outdated === "filter" && "Some no longer fit the filter"}
      {outdated && (
        <button type="button" className="plain" onClick={again}>
          {outdated === "order" ? "Sort again" : "Filter again"}
        </button>
      )}
    </p>
  );
}

/** A notice beside the line. It does not make the line higher, since everything beneath would move; hover tells it whole. */
function Note({ className, text }: { className: string; text: string }) {
  return (
    <p className={`note-line ${className}`} role={className === "problem" ? "alert" : "status"} title={text}>
      {text}
    </p>
  );
}
