import { useGraphiQL } from "@graphiql/react";
import { ask } from "./ask";
import { priced } from "./runs";

/** Asks what the operation of the current tab would cost, which the calls panel then tells. Nothing is run. */
export function usePrice(tab: { current: string }, refused: () => void): () => void {
  const editors = useGraphiQL(({ queryEditor, variableEditor, headerEditor, operationName }) => ({
    queryEditor,
    variableEditor,
    headerEditor,
    operationName,
  }));
  return () => {
    const at = tab.current;
    priceOf(editors, refused).then(
      (told) => priced(at, told),
      (error: Error) => priced(at, { unpriced: error.message }),
    );
  };
}

interface Text {
  getValue(): string;
}

async function priceOf(
  editors: { queryEditor?: Text; variableEditor?: Text; headerEditor?: Text; operationName?: string },
  refused: () => void,
) {
  const params = {
    query: editors.queryEditor?.getValue() ?? "",
    variables: parse("Variables", editors.variableEditor),
    operationName: editors.operationName,
  };
  const headers = { ...(parse("Headers", editors.headerEditor) as Record<string, string>), "X-Zoomgraph-Plan": "1" };
  const { extensions, errors } = await ask(params, headers, { refused });
  const plan = extensions?.zoom?.plan;
  if (plan) return { price: plan };
  return { unpriced: errors?.map((error) => error.message).join("; ") ?? "The service does not say." };
}

function parse(what: string, text?: Text): object | undefined {
  const value = text?.getValue().trim();
  if (!value) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    throw new Error(`${what} are not JSON.`);
  }
}

export function PriceIcon() {
  return (
    <svg
      className="graphiql-toolbar-icon"
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      aria-hidden="true"
    >
      <path d="M3 10.5 10.5 3H17v6.5L9.5 17z" strokeLinejoin="round" />
      <circle cx="13.6" cy="6.4" r="1.3" />
    </svg>
  );
}
