"use strict";

// Sends the query to the endpoint, shows the answer, and lists the Zoom calls it
// cost. Text only ever enters the page as text.

const byId = (id) => document.getElementById(id);
const form = byId("form");
const button = form.querySelector("button");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});

form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    run();
  }
});

async function run() {
  if (button.disabled) return;
  let variables;
  try {
    variables = JSON.parse(byId("variables").value || "null");
  } catch (error) {
    say(`The variables are not JSON: ${error.message}`, true);
    byId("variables").focus();
    return;
  }
  button.disabled = true;
  say("Asking…");
  const start = performance.now();
  try {
    const response = await fetch("graphql", {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/graphql-response+json, application/json;q=0.9",
        "X-Zoomgraph-Trace": "1",
      },
      body: JSON.stringify({ query: byId("query").value, variables }),
    });
    const answer = await response.json();
    byId("answer").textContent = JSON.stringify(answer, null, 2);
    say(summary(response.status, answer, performance.now() - start), Boolean(answer.errors));
    showCalls(answer.extensions?.zoom?.calls ?? []);
  } catch (error) {
    say(`No answer: ${error.message}`, true);
  } finally {
    button.disabled = false;
  }
}

function say(text, bad = false) {
  const status = byId("status");
  status.textContent = text;
  status.className = bad ? "bad" : "";
}

function summary(status, answer, took) {
  const parts = [`${status}`, `${took.toFixed(0)} ms`];
  const cost = answer.extensions?.zoom?.cost;
  if (cost) {
    const labels = Object.entries(cost.byLabel ?? {}).map(([label, n]) => `${n} ${label}`);
    parts.push(`${cost.calls} Zoom ${cost.calls === 1 ? "call" : "calls"}${labels.length ? ` (${labels.join(", ")})` : ""}`);
  }
  if (answer.errors) parts.push(`${answer.errors.length} ${answer.errors.length === 1 ? "error" : "errors"}`);
  return parts.join(" · ");
}

function showCalls(calls) {
  const section = byId("calls");
  section.hidden = calls.length === 0;
  const columns = [...new Set(calls.flatMap(Object.keys))];
  const numeric = new Set(columns.filter((name) => calls.every((call) => typeof (call[name] ?? 0) === "number")));
  const row = (tag, text) => {
    const tr = document.createElement("tr");
    for (const name of columns) {
      const cell = document.createElement(tag);
      if (tag === "th") cell.scope = "col";
      if (numeric.has(name)) cell.className = "number";
      cell.textContent = text(name);
      tr.append(cell);
    }
    return tr;
  };
  const value = (v) => (Array.isArray(v) ? v.join(", ") : (v ?? ""));
  section.querySelector("thead").replaceChildren(row("th", words));
  section.querySelector("tbody").replaceChildren(...calls.map((call) => row("td", (name) => value(call[name]))));
}

// "waitedMs" reads "waited ms".
function words(name) {
  return name.replace(/[A-Z]/g, (letter) => " " + letter.toLowerCase());
}
