// How many device pixels a CSS pixel has: it changes with the browser's zoom and with the screen that a window is on.

import { useSyncExternalStore } from "react";

export function useScale(): number {
  return useSyncExternalStore(subscribe, () => window.devicePixelRatio || 1);
}

function subscribe(listener: () => void): () => void {
  let query: MediaQueryList;
  const changed = () => {
    watch();
    listener();
  };
  // A query is about one scale: after each change the next one is needed.
  const watch = () => {
    query = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    query.addEventListener("change", changed, { once: true });
  };
  watch();
  return () => query.removeEventListener("change", changed);
}
