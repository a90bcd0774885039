import { useEffect, useRef } from "react";
import { keepKey, readKey } from "../shared/key";
import { signInAddress } from "../shared/service";

/** Asks for the key of a caller, which is kept as long as this tab is open, or leads to sign in with Zoom. */
export function KeyDialog({
  signIn,
  refused,
  onDone,
}: {
  signIn: boolean;
  refused: boolean;
  onDone(changed: boolean): void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => dialog.current?.showModal(), []);

  const use = (key: string) => {
    const changed = key !== readKey();
    keepKey(key);
    onDone(changed);
  };
  return (
    <dialog ref={dialog} className="key-dialog" aria-labelledby="key-title" onClose={() => onDone(false)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          use(field.current?.value.trim() ?? "");
        }}
      >
        <h2 id="key-title">Who asks?</h2>
        <p>
          {refused
            ? "The service does not know who asks, or not any more. "
            : "The service answers only those it knows. "}
          {signIn ? "Sign in with Zoom, or give the key of a caller." : "Give the key of a caller."}
        </p>
        <label>
          Key
          <input ref={field} type="password" autoComplete="off" spellCheck={false} defaultValue={readKey()} required />
        </label>
        <p className="quiet">
          It is kept until this tab is closed, and sent as <code>Authorization: Bearer …</code>. An operator makes one
          with <code>zoomgraph caller new</code>.
        </p>
        <div className="actions">
          <button type="submit" className="primary">
            Use this key
          </button>
          {signIn && (
            <a className="button" href={signInAddress()}>
              Sign in with Zoom
            </a>
          )}
          {readKey() && (
            <button type="button" onClick={() => use("")}>
              Forget the key
            </button>
          )}
          <button type="button" onClick={() => onDone(false)}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}
