// Notices: what is wrong now, and what one has to know of what is shown. Each is said once, whole, and only as long as
// it is so. They stand beneath the heatmap, where they move nothing. Where nobody is listed, what keeps that from being
// done stands in the middle of the page instead.

import { type ReactNode, useMemo } from "react";
import { isPersonal, useDesk } from "./desk";
import { type Problem, problemText, sentence } from "./model/ask";
import { isAtRest } from "./model/meter";
import { isTrouble } from "./model/reading";
import { marketplace, scopeWords, troubleWords } from "./model/words";

export function Notices() {
  const { loader, health, unlisted, missed, reload } = useDesk();
  const unread = useUnread();
  const problems = useProblems();
  return (
    <section className="notices" aria-label="Notices">
      {!unlisted && health.trouble && (
        <Notice bad>
          <Trouble />
        </Notice>
      )}
      {!unlisted &&
        problems.map((problem) => (
          <Notice key={problem.message} bad>
            {problemText(problem)} <Again />
          </Notice>
        ))}
      <Scopes />
      {unread > 0 && !health.trouble && (
        <Notice bad>
          {unread === 1 ? "Settings of one person" : `Settings of ${unread} people`} could not be read; their cells say
          why. <Again />
        </Notice>
      )}
      {missed && (
        <Notice>
          Changes made while this window was offline are not here before you reload.{" "}
          <button type="button" className="plain" onClick={reload}>
            Reload now
          </button>
        </Notice>
      )}
      {loader.alone && <Notice>Zoom lets you list nobody else, so you see yourself.</Notice>}
    </section>
  );
}

/** Why nobody is listed, in the middle of the page. */
export function Unlisted() {
  const { board, loader, health } = useDesk();
  const [problem] = useProblems();
  const { state } = loader.progress;
  if (health.trouble) {
    return (
      <div className="empty" role="alert">
        <Trouble shown={false} />
      </div>
    );
  }
  if (problem) {
    return (
      <div className="empty" role="alert">
        <h2>{board.people.length === 0 ? "Nobody could be listed" : "Nobody of this status could be listed"}</h2>
        <p>{problemText(problem)}</p>
        {problem.code === "SCOPE_MISSING" && <Marketplace of="Add the scopes" />}
        <Again plain={false} />
      </div>
    );
  }
  if (state === "cancelled") {
    return (
      <div className="empty">
        <p>Cancelled before anybody was listed.</p>
        <Again of="Go on" plain={false} />
      </div>
    );
  }
  return <p className="empty">Listing people …</p>;
}

/** What is wrong on the way to Zoom, and what helps. */
function Trouble({ shown = true }: { shown?: boolean }) {
  const { health, viewer, leave } = useDesk();
  if (!health.trouble) return null;
  const { title, why, shown: old, next, atMarketplace, enter } = troubleWords(health.trouble, isPersonal(viewer));
  return (
    <>
      <h2>{title}</h2>
      <p>{why}</p>
      {shown && <p>{old}</p>}
      <p>{next}</p>
      {atMarketplace && <Marketplace of="The app’s credentials" />}
      {enter && (
        <button type="button" onClick={leave}>
          {viewer.method === "SIGN_IN" ? "Sign in again" : "Enter a key"}
        </button>
      )}
    </>
  );
}

/** Which scopes the app lacks; of somebody who signed in, it is rather they who may not. */
function Scopes() {
  const { health, viewer, unlisted } = useDesk();
  const words = scopeWords(health.missing, unlisted ? ["People"] : []);
  if (isPersonal(viewer) || !words) return null;
  return (
    <Notice>
      <b>The app lacks scopes:</b> {words.scopes.map((scope, i) => [i > 0 && ", ", <code key={scope}>{scope}</code>])}.{" "}
      {sentence(words.means)} <Marketplace of="Add them to the app" />, activate it again, and <Again of="try again" />
    </Notice>
  );
}

function Marketplace({ of }: { of: string }) {
  return (
    <a href={marketplace} target="_blank" rel="noreferrer">
      {of} in Zoom’s Marketplace
    </a>
  );
}

function Again({ of = "Try again", plain = true }: { of?: string; plain?: boolean }) {
  const { loader } = useDesk();
  return (
    <button type="button" className={plain ? "plain" : undefined} onClick={() => loader.resume()}>
      {of}
    </button>
  );
}

function Notice({ bad = false, children }: { bad?: boolean; children: ReactNode }) {
  return (
    <div className={bad ? "notice bad" : "notice"} role={bad ? "alert" : "status"}>
      {children}
    </div>
  );
}

/** What has kept people or names from being listed, and is said nowhere else. */
function useProblems(): readonly Problem[] {
  const { loader, viewer, unlisted } = useDesk();
  const byScopes = !isPersonal(viewer) && !unlisted;
  return loader.progress.problems.filter(
    (problem) => !isTrouble(problem) && !(byScopes && problem.code === "SCOPE_MISSING"),
  );
}

/** Of how many people settings could not be read, once nothing is being read any more. */
function useUnread(): number {
  const { board, loader, columns } = useDesk();
  const version = isAtRest(loader.progress) ? board.cellVersion : -1;
  return useMemo(() => {
    if (version < 0) return 0;
    const rows = new Set<number>();
    for (const { id } of columns) {
      board.column(id).forEach((cell, row) => {
        if (cell?.state === "error") rows.add(row);
      });
    }
    return rows.size;
  }, [board, columns, version]);
}
