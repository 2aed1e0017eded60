// The list: a table of which only the rows that can be seen are there, and the filters beside it.

const COLUMNS = [
  { name: "Severity", sort: "order" },
  { name: "Secret", sort: "name" },
  { name: "Where", sort: "where" },
  { name: "Since", sort: "since", only: HAS_HISTORY },
  { name: "State", sort: "state", only: HAS_HISTORY },
].filter((column) => column.only !== false);
const FEW = 6, MANY = 100;
/** Rows that are there besides those that can be seen, and how many are there all the same. */
const SPARE = 12, SHORT = 250;

/** `shown`: the secrets in their order; `at`: the row that the keyboard is on; `tall`: pixels of a row. */
const list = { shown: [], at: 0, tall: 60, from: -1, to: -1 };
const narrow = matchMedia("(max-width: 47.5rem)");

function showHead() {
  byId("head").replaceChildren(...COLUMNS.map(({ name, sort }) => {
    const current = state.sort === sort;
    const order = current ? (state.down ? "descending" : "ascending") : "none";
    return make("th", { role: "columnheader", scope: "col", "aria-sort": order, class: name.toLowerCase() },
      make("button", { type: "button", "data-sort": sort, onclick: () => sortBy(sort) }, name,
        make("span", { class: "arrow", "aria-hidden": "true" }, current ? (state.down ? "\u2193" : "\u2191") : "")));
  }));
}

function sortBy(sort) {
  [state.sort, state.down] = [sort, state.sort === sort && !state.down];
  update({ keep: true });
  byId("head").querySelector(`[data-sort="${sort}"]`).focus();
}

const cell = (name, ...children) => make("td", { role: "cell", class: name }, ...children);

/** A path of which the folders give way first where there is no room. */
function parted(where) {
  const slash = where.lastIndexOf("/") + 1;
  return make("code", { title: where, class: "path" }, foreign(where.slice(0, slash), "span", { class: "folder" }),
    foreign(where.slice(slash), "span", { class: "file" }));
}

function row(index) {
  const secret = SECRETS[list.shown[index]];
  const isOpen = state.open === secret.at;
  const more = secret.places - 1;
  const cells = {
    Severity: () => cell("severity-cell", mark(SEVERITIES[secret.severity])),
    Secret: () => cell("secret", make("button", {
      type: "button", class: "open", tabindex: index === list.at ? "0" : "-1", "aria-expanded": String(isOpen),
      "aria-controls": "detail", onclick: () => { list.at = index; open(secret.at, true); },
    }, foreign(secret.name)), code(secret.value, { class: "value" }), code(secret.where, { class: "brief" })),
    Where: () => cell("where", parted(secret.where),
      more ? make("span", { class: "more" }, `and ${count(more, "more place")}`) : null),
    Since: () => cell("since", make("time", {}, secret.since.slice(0, 10)),
      secret.first?.who ? foreign(secret.first.who.replace(/ <.*/, ""), "bdi", { class: "person" }) : null),
    State: () => cell("state", secret.state === "none" ? "" : make("span", { class: `state ${secret.state}` },
      STATES[secret.state])),
  };
  return make("tr", { role: "row", "aria-rowindex": String(index + 2), class: isOpen ? "current" : null,
    "data-index": String(index) }, COLUMNS.map(({ name }) => cells[name]()));
}

/** Put the rows that can be seen into the table, with room above and below for the others. */
function showRows(force = false) {
  const table = byId("list"), total = list.shown.length;
  const top = table.getBoundingClientRect().top + byId("head").offsetHeight;
  const isShort = total <= SHORT;
  const from = isShort ? 0 : Math.max(0, Math.min(total - 1, Math.floor(-top / list.tall)) - SPARE);
  const to = isShort ? total : Math.min(total, Math.max(from, Math.ceil((innerHeight - top) / list.tall)) + SPARE);
  if (!force && from === list.from && to === list.to) return;
  [list.from, list.to] = [from, to];
  const focused = byId("rows").contains(document.activeElement);
  byId("rows").replaceChildren(...Array.from({ length: Math.max(0, to - from) }, (_, at) => row(from + at)));
  byId("above").style.height = `${from * list.tall}px`;
  byId("below").style.height = `${Math.max(0, total - to) * list.tall}px`;
  if (focused) rowButton(list.at)?.focus({ preventScroll: true });
}

const rowButton = (index) => byId("rows").querySelector(`[data-index="${index}"] .open`);

function measure() {
  const first = byId("rows").firstElementChild;
  if (first && first.offsetHeight) list.tall = first.offsetHeight;
}

/** Go to a row, by its place in the list. */
function go(index, { focus = true } = {}) {
  if (!list.shown.length) return;
  list.at = Math.max(0, Math.min(list.shown.length - 1, index));
  const table = byId("list").getBoundingClientRect(), head = byId("head").offsetHeight;
  const top = table.top + head + list.at * list.tall;
  const upper = 60, lower = innerHeight - 20;
  if (top < upper) scrollBy(0, top - upper);
  else if (top + list.tall > lower) scrollBy(0, top + list.tall - lower);
  showRows(true);
  if (focus) rowButton(list.at)?.focus({ preventScroll: true });
  if (state.open !== null) open(list.shown[list.at], focus && narrow.matches);
}

function chip(label, value, drop) {
  const said = `Take away the filter ${label}: ${value}`;
  return make("li", {}, make("button", { type: "button", onclick: drop, "aria-label": said },
    `${label}: `, foreign(value), make("span", { "aria-hidden": "true", class: "cross" }, "\u00d7")));
}

function showChips() {
  const chips = FACETS.flatMap(({ key, title }) =>
    [...state.chosen[key]].map((value) => chip(title, value, () => toggle(key, value))));
  if (state.folder) chips.push(chip("Folder", state.folder, () => into("")));
  if (state.q) chips.push(chip("Search", state.q, () => { byId("search").value = ""; search(); }));
  if (chips.length > 1) {
    chips.push(make("li", {}, make("button", { type: "button", class: "all", onclick: clear }, "Take all away")));
  }
  const held = byId("chips").contains(document.activeElement);
  byId("chips").hidden = !chips.length;
  byId("chips").replaceChildren(...chips);
  if (held) (byId("chips").querySelector("button") ?? byId("list-title")).focus({ preventScroll: true });
}

const expanded = new Set();

/** What a value is called beside its count: a folder within the one that is open by its own name. */
const labelled = (kind, name) => kind === "folder" && name !== state.folder ? name.slice(state.folder.length) : name;

function choice(name, amount, most, pressed, act, kind) {
  const bar = make("span", { class: "share", "aria-hidden": "true" });
  bar.style.width = `${most ? Math.max(2, 100 * amount / most) : 0}%`;
  return make("li", {}, make("button", { type: "button", class: "choice", "aria-pressed": String(pressed), onclick: act,
    title: name }, bar,
  kind === "severity" && SEVERITIES.includes(name)
    ? mark(name) : foreign(labelled(kind, name), "bdi", { class: "what" }),
    make("span", { class: "amount" }, number(amount))));
}

function facetBlock(key, title, entries, pressed, act, extra = null) {
  const all = expanded.has(key), most = entries.reduce((most, [, amount]) => Math.max(most, amount), 0);
  const limit = all ? MANY : FEW;
  const shown = entries.slice(0, limit);
  for (const entry of entries.slice(limit)) if (pressed(entry[0])) shown.push(entry);
  const left = entries.length - FEW;
  const more = left > 0 ? make("button", {
    type: "button", class: "link more", "aria-expanded": String(all), "data-more": key,
    onclick: () => {
      expanded[all ? "delete" : "add"](key);
      showFacets(list.last);
      byId("facets").querySelector(`[data-more="${key}"]`)?.focus();
    } }, all ? "Fewer" : `${number(Math.min(left, MANY - FEW))} more`) : null;
  return make("section", { "data-facet": key }, make("h3", {}, title), extra,
    make("ul", {}, shown.map(([name, amount]) => choice(name, amount, most, pressed(name), () => act(name), key))),
    more);
}

function showFacets({ counts, folders: inside }) {
  const held = document.activeElement?.closest?.("[data-facet] .choice");
  const keep = held && [held.closest("[data-facet]").dataset.facet, held.title];
  const blocks = FACETS.map((facet, at) => {
    if (facet.hidden || facet.names.length < 2 && !state.chosen[facet.key].size) return null;
    const chosen = state.chosen[facet.key];
    const entries = facet.names.map((name, value) => [name, counts[at][value]])
      .filter(([name, amount]) => amount || chosen.has(name));
    for (const name of chosen) if (!facet.names.includes(name)) entries.push([name, 0]);
    const rank = (name) => facet.order ? facet.order.indexOf(name) : 0;
    entries.sort((a, b) => rank(a[0]) - rank(b[0]) || b[1] - a[1] || collator.compare(a[0], b[0]));
    return facetBlock(facet.key, facet.title, entries, (name) => chosen.has(name), (name) => toggle(facet.key, name));
  });
  const entries = inside.filter(([, amount]) => amount).sort((a, b) => b[1] - a[1] || collator.compare(a[0], b[0]));
  const up = state.folder ? make("button", { type: "button", class: "link up",
    "aria-label": `Up from ${state.folder}`, onclick: () => into(state.folder.replace(/[^/]*\/?$/, "")) },
  "\u2190 ", foreign(state.folder)) : null;
  const folderBlock = PATHS.length > 1 || state.folder
    ? facetBlock("folder", "Folder", entries, (name) => name === state.folder, into, up) : null;
  blocks.splice(HAS_HISTORY ? 3 : 2, 0, folderBlock);
  byId("facets").replaceChildren(...blocks.filter(Boolean));
  if (keep) {
    const choices = byId("facets").querySelectorAll(`[data-facet="${keep[0]}"] .choice`);
    [...choices].find((it) => it.title === keep[1])?.focus();
  }
}

function showCount() {
  const shown = list.shown.length;
  byId("count").textContent = isFiltered() ? `${number(shown)} of ${count(TOTAL, "secret")}` : count(TOTAL, "secret");
  byId("none").hidden = shown > 0;
  byId("none").textContent = TOTAL ? "No secret fits these filters." : SCAN.complete
    ? "Nothing was found, and everything was scanned." : "Nothing was found in what was scanned.";
  byId("list").hidden = shown === 0;
  byId("list").setAttribute("aria-rowcount", String(shown + 1));
}
