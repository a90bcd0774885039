// The search of the reference, its theme, and links from examples to GraphiQL. The pages can be read without it. They may be
// files, so nothing is fetched: what search.js knows comes as a script, when somebody searches first.
"use strict";

const most = 30; // of what is found is shown
const input = document.getElementById("search");
const list = document.getElementById("found");

// ---------------------------------------------------------------- the index

let coming;

function index() {
  coming ??= new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = "search.js";
    script.onload = () => done(window.zoomgraphReference);
    script.onerror = () => {
      coming = undefined;
      fail(new Error("search.js is not beside this page: write the reference anew"));
    };
    document.head.append(script);
  });
  return coming;
}

/** How well an entry fits; 0: not at all. Each word has to stand somewhere. */
function fit([anchor, , said, operation], words, whole) {
  const name = anchor.toLowerCase();
  const own = name.slice(name.indexOf(".") + 1);
  let score = 1;
  for (const word of words) {
    if (own.startsWith(word)) score += 40;
    else if (own.includes(word)) score += 20;
    else if (name.includes(word)) score += 12;
    else if (operation.toLowerCase().includes(word)) score += 8;
    else if (said.toLowerCase().includes(word)) score += 2;
    else return 0;
  }
  if (name === whole || own === whole) score += 100;
  if (!anchor.includes(".")) score += 6;
  else if (/^(Query|Mutation|Subscription)\./.test(anchor)) score += 10;
  return score - anchor.length / 100;
}

function search({ entries }, text) {
  const whole = text.trim().toLowerCase();
  const words = whole.split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  return entries
    .map((entry) => ({ entry, score: fit(entry, words, whole) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
}

// ---------------------------------------------------------------- the box

let chosen = -1;

function show(found, known) {
  chosen = found.length ? 0 : -1;
  list.replaceChildren();
  for (const [n, { entry }] of found.slice(0, most).entries()) {
    const [anchor, page, said, operation] = entry;
    const item = document.createElement("li");
    item.id = `found-${n}`;
    item.setAttribute("role", "option");
    const link = document.createElement("a");
    link.href = `${known.pages[page]}#${anchor}`;
    link.tabIndex = -1;
    const words = document.createElement("small");
    words.textContent = [operation, said, known.titles[page]].filter(Boolean).join(" · ");
    link.append(anchor, words);
    item.append(link);
    list.append(item);
  }
  if (!found.length || found.length > most) {
    const note = document.createElement("p");
    note.textContent = found.length ? `${found.length - most} more: add a word` : "Nothing has all these words.";
    list.append(note);
  }
  open(true);
  mark();
}

function open(on) {
  list.hidden = !on;
  input.setAttribute("aria-expanded", String(on));
  if (!on) input.removeAttribute("aria-activedescendant");
}

function mark() {
  for (const [n, item] of [...list.querySelectorAll("li")].entries()) {
    item.setAttribute("aria-selected", String(n === chosen));
    if (n !== chosen) continue;
    input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }
}

async function look() {
  const text = input.value;
  if (!text.trim()) return open(false);
  try {
    const known = await index();
    if (text === input.value) show(search(known, text), known);
  } catch (error) {
    list.textContent = error.message;
    open(true);
  }
}

input.addEventListener("input", look);
input.addEventListener("focus", () => index().catch(() => undefined));
input.addEventListener("keydown", (event) => {
  const all = list.querySelectorAll("li");
  if (event.key === "Escape") {
    input.value = "";
    open(false);
    input.blur();
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (!list.hidden) all[chosen]?.querySelector("a").click();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!all.length) return;
    chosen = (chosen + (event.key === "ArrowDown" ? 1 : all.length - 1)) % all.length;
    mark();
  }
});
list.addEventListener("click", () => {
  open(false);
  input.blur();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest(".search")) open(false);
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  input.focus();
});
input.form.addEventListener("submit", (event) => event.preventDefault());

// ---------------------------------------------------------------- deep links

// index.html#Meeting.topic leads on to the page that has it, and so does any page to what another one has.
async function follow() {
  const anchor = decodeURIComponent(location.hash.slice(1));
  if (!anchor || document.getElementById(anchor)) return;
  const known = await index();
  const entry = known.entries.find(([name]) => name === anchor);
  if (entry) return location.replace(`${known.pages[entry[1]]}#${anchor}`);
  const lost = document.getElementById("lost");
  if (!lost) return;
  lost.textContent = `There is no ${anchor} in this version of the schema.`;
  lost.hidden = false;
}
addEventListener("hashchange", () => follow().catch(() => undefined));
follow().catch(() => undefined);

// ---------------------------------------------------------------- examples

const graphiql = document.querySelector('meta[name="graphiql"]')?.content;
for (const query of graphiql ? document.querySelectorAll(".example .query") : []) {
  const variables = query.nextElementSibling?.matches(".variables") ? query.nextElementSibling.textContent : "";
  const link = document.createElement("a");
  link.className = "try";
  link.textContent = "Open in GraphiQL";
  link.href = `${graphiql}?${new URLSearchParams({ query: query.textContent, variables })}`;
  const price = (variables ? query.nextElementSibling : query).nextElementSibling;
  price.append(" ", link);
}

// ---------------------------------------------------------------- the theme, which the console shares

const name = "zoomgraph.theme";
const stored = () => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // pages that are files may have none
  }
};
const dark = () => (stored() ?? document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
if (stored()) document.documentElement.dataset.theme = stored();
const button = document.getElementById("theme");
button.hidden = false;
button.addEventListener("click", () => {
  const theme = dark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(name, theme);
  } catch {
    // it holds for this page
  }
});
if (matchMedia("(max-width: 800px)").matches) {
  for (const details of document.querySelectorAll(".chapters details, .contents")) details.open = false;
}
