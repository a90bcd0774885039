import "./workers";
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "@graphiql/plugin-explorer/style.css";
import "graphiql/graphiql.css";
import { explorerPlugin } from "@graphiql/plugin-explorer";
import { ToolbarButton, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Facts } from "../shared/service";
import { useTheme } from "../shared/theme";
import { Calls } from "./Calls";
import { examplesOf } from "./examples";
import { fetcherOf, type Transport } from "./fetcher";
import { linkOf, readLink } from "./link";
import { PriceIcon, usePrice } from "./price";
import { ReferenceLink } from "./reference";
import { isFirstVisit, quietStorage } from "./storage";

const plugins = [HISTORY_PLUGIN, explorerPlugin()];

/** What the page is opened with, which may be a link that somebody sent. */
const linked = readLink(location.search);

/** GraphiQL, with the calls panel beneath its answer. */
export default function Editor(props: {
  facts: Facts;
  session: number;
  anonymous: boolean;
  transport: Transport;
  onRefused(): void;
}) {
  const { facts, session, anonymous } = props;
  const theme = useTheme();
  const tab = useRef("");
  const latest = useRef(props);
  latest.current = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new one asks for the schema as who asks now
  const fetcher = useMemo(
    () =>
      fetcherOf({
        transport: () => latest.current.transport,
        tab: () => tab.current,
        refused: () => latest.current.onRefused(),
      }),
    [session],
  );
  const [opened] = useState(() => openedWith(facts));
  return (
    <main className="editor">
      <GraphiQL
        fetcher={fetcher}
        // null: it does not ask for the schema, nor complain that there is none.
        {...((!facts.introspection || anonymous) && { schema: null })}
        {...opened}
        defaultQuery=""
        plugins={plugins}
        storage={quietStorage}
        shouldPersistHeaders={false}
        showPersistHeadersSettings={false}
        forcedTheme={theme}
        inputValueDeprecation
        schemaDescription
      >
        <GraphiQL.Logo>{null}</GraphiQL.Logo>
        <GraphiQL.Toolbar>
          {({ prettify, copy, merge }) => (
            <>
              {prettify}
              {merge}
              {copy}
              <PriceButton tab={tab} onRefused={props.onRefused} />
            </>
          )}
        </GraphiQL.Toolbar>
        <GraphiQL.Footer>
          <Follow tab={tab} />
          {facts.introspection && <ReferenceLink />}
          <CallsOfTab />
        </GraphiQL.Footer>
      </GraphiQL>
    </main>
  );
}

/** What is in the editor at first: what a link says, or the examples, or what was there when the page was left. */
function openedWith(facts: Facts) {
  if (linked.query) return { initialQuery: linked.query, initialVariables: linked.variables ?? "" };
  if (!isFirstVisit()) return {};
  const examples = examplesOf(facts);
  return { defaultTabs: examples, initialVariables: examples[0]?.variables ?? "" }; // GraphiQL takes no tab's variables
}

function useTab() {
  return useGraphiQL(({ tabs, activeTabIndex }) => ({ active: tabs[activeTabIndex] })).active;
}

function CallsOfTab() {
  return <Calls tab={useTab()?.id} />;
}

/** Has the address follow what is edited, and lets the fetcher know which tab that is. */
function Follow({ tab }: { tab: { current: string } }) {
  const active = useTab();
  tab.current = active?.id ?? "";
  const { query, variables, operationName } = active ?? {};
  useEffect(() => {
    const link = linkOf(location.pathname, { query, variables, operationName });
    if (link !== location.pathname + location.search) history.replaceState(null, "", link);
  }, [query, variables, operationName]);
  useLinkedOperation();
  usePlainTabs();
  return null;
}

/** Chooses the operation that a link names among those of its document, once that is there. */
function useLinkedOperation(): void {
  const { setOperationName } = useGraphiQLActions();
  const { operations, queryEditor } = useGraphiQL(({ operations, queryEditor }) => ({ operations, queryEditor }));
  const [name, setName] = useState(linked.operationName);
  useEffect(() => {
    if (!name || !queryEditor || !operations) return;
    const operation = operations.find((one) => one.name?.value === name);
    if (operation?.loc) {
      setOperationName(name);
      queryEditor.setPosition({ lineNumber: operation.loc.startToken.line, column: operation.loc.startToken.column });
    }
    setName(null);
  }, [name, operations, queryEditor, setOperationName]);
}

/**
 * GraphiQL marks up its tabs as tabs with buttons in them, which nobody can use who does not see them. They are a list of
 * buttons, and are told as that.
 */
function usePlainTabs(): void {
  useGraphiQL(({ tabs, activeTabIndex }) => ({ tabs, activeTabIndex }));
  useEffect(() => {
    const list = document.querySelector(".graphiql-tabs");
    list?.removeAttribute("role");
    for (const item of list?.querySelectorAll(".graphiql-tab") ?? []) {
      const current = item.classList.contains("graphiql-tab-active");
      item.removeAttribute("role");
      item.removeAttribute("aria-selected");
      item.querySelector(".graphiql-tab-button")?.setAttribute("aria-current", String(current));
    }
  });
}

function PriceButton({ tab, onRefused }: { tab: { current: string }; onRefused(): void }) {
  const price = usePrice(tab, onRefused);
  return (
    <ToolbarButton label="What would it cost? Asks for the calls to Zoom without making any" onClick={price}>
      <PriceIcon />
    </ToolbarButton>
  );
}
