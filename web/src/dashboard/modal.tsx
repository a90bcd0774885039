// A dialog over the page: it keeps the focus, and closes by Escape and by a click beside it.

import { type ReactNode, useEffect, useId, useRef } from "react";

interface Props {
  title: string;
  className?: string;
  children: ReactNode;
  /** Not closed by a click beside it, which may be a slip. */
  firm?: boolean;
  onClose(): void;
}

export function Modal({ title, className, children, firm, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const opened = dialog.current;
    const before = document.activeElement;
    opened?.showModal();
    return () => {
      opened?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={dialog}
      className={className}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => !firm && event.target === dialog.current && onClose()}
    >
      <div className="inside">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
