// How far the page is with its people, what that costs, and what keeps it.

import { useDesk, useNarrow } from "./desk";
import type { Arrangement } from "./model/arrangement";
import { isAtRest, isHalted } from "./model/meter";
import { progressText } from "./model/progress";

export function ProgressLine() {
  const { loader, reload, arrangement, view } = useDesk();
  const isNarrow = useNarrow();
  const { progress } = loader;
  const running = !isAtRest(progress);
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
        {!running && (progress.done < progress.expected || isHalted(progress)) && (
          <button type="button" className="plain" onClick={() => loader.resume()}>
            {progress.state === "stopped" ? "Try again" : "Go on"}
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
