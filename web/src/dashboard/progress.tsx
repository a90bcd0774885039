// How far the page is with its people, what that costs, and what keeps it.

import { useDesk } from "./desk";
import { problemText } from "./model/ask";
import { progressText } from "./model/progress";

export function ProgressLine() {
  const { loader, missed, reload } = useDesk();
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

/** A notice beside the line. It does not make the line higher, since everything beneath would move; hover tells it whole. */
function Note({ className, text }: { className: string; text: string }) {
  return (
    <p className={`note-line ${className}`} role={className === "problem" ? "alert" : "status"} title={text}>
      {text}
    </p>
  );
}
