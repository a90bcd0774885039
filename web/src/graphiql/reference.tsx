import { type DocExplorerNavStackItem, useDocExplorer } from "@graphiql/plugin-doc-explorer";
import { useGraphiQL } from "@graphiql/react";
import { useEffect, useState } from "react";
import { createPortal } from "react-dom";
import { anchorOf } from "./anchor";

/**
 * A link in the head of GraphiQL's docs, from the type or field that they show to the reference: the operation behind it, its
 * scopes, and an example. GraphiQL has no place for it, so it is put beside the title.
 */
export function ReferenceLink() {
  const shown: readonly DocExplorerNavStackItem[] = useDocExplorer();
  const { visiblePlugin } = useGraphiQL(({ visiblePlugin }) => ({ visiblePlugin }));
  const [head, setHead] = useState<Element | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the head comes and goes with the docs
  useEffect(() => setHead(document.querySelector(".graphiql-doc-explorer-header")), [visiblePlugin, shown]);
  if (!head?.isConnected) return null;
  const anchor = anchorOf(shown);
  return createPortal(
    <a className="reference" href={anchor ? `docs/#${anchor}` : "docs/"} target="_blank" rel="noreferrer">
      Reference<span className="unseen"> of {anchor || "everything"}, in a new tab</span> ↗
    </a>,
    head,
  );
}
