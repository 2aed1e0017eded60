// Puts it together: what a change of the state shows, the keys, the address, and the theme.

/** Show what the state says. Parameters: `keep`, whether the list stays where it is. */
function update({ keep = false } = {}) {
  const result = filtered();
  list.last = result;
  list.shown = sorted(result.shown);
  const row = list.shown.indexOf(state.open);
  list.at = row >= 0 ? row : 0;
  showHead();
  showCount();
  showChips();
  showPressed();
  showFacets(result);
  showTimeline(result.shown);
  if (!keep && byId("explore").getBoundingClientRect().top < 0) byId("explore").scrollIntoView();
  settle();
  remember();
}

/** Put the rows where they belong after the page has changed its form. */
function settle() {
  showRows(true);
  const before = list.tall;
  measure();
  if (list.tall !== before) showRows(true);
}

function toggle(key, value) {
  const chosen = state.chosen[key];
  if (!chosen.delete(value)) chosen.add(value);
  update();
}

function into(folder) {
  state.folder = folder === state.folder ? "" : folder;
  update();
}

function search() {
  state.q = byId("search").value;
  update({ keep: true });
}

function clear() {
  for (const { key } of FACETS) state.chosen[key].clear();
  [state.q, state.folder] = ["", ""];
  byId("search").value = "";
  update();
}

let remembered = null;

function remember() {
  const fragment = written();
  if (fragment === remembered) return;
  remembered = fragment;
  try {
    history.replaceState(null, "", `#${fragment}`);
  } catch { /* a page in a frame of another may not have an address */ }
}

function recall() {
  const fragment = location.hash.slice(1);
  if (fragment === remembered) return;
  read(fragment);
  byId("search").value = state.q;
  update({ keep: true });
  if (state.open !== null) {
    open(state.open, false);
    go(list.shown.indexOf(state.open), { focus: false });
  } else if (!byId("detail").hidden) {
    state.open = list.shown[0] ?? null;
    close();
  }
}

const KEYS = [
  ["/", "Search"], ["j or \u2193, k or \u2191", "Next, previous secret"], ["Page Down, Page Up", "Ten on, ten back"],
  ["Home, End", "The first, the last"], ["Enter", "Open"], ["Esc", "Close; leave the search"],
  ["x", "Take all filters away"], ["?", "These keys"],
];

function showKeys() {
  byId("keys-list").replaceChildren(...KEYS.map(([key, what]) =>
    make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, what))));
  byId("keys").showModal();
}

const isTyping = (target) => target.matches?.("input, textarea, select");
const isInList = (target) => byId("list").contains(target) || target === byId("list-title");

/** What a key does; `true` where it did something. */
function press(key, target) {
  const moves = { j: 1, k: -1 };
  const inList = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
  const isElsewhere = document.activeElement === document.body;
  const mayMove = isInList(target) || isElsewhere && list.moved && key.startsWith("Arrow");
  const step = moves[key] ?? (mayMove ? inList[key] : undefined);
  if (step !== undefined) {
    const from = isInList(target) || list.moved || state.open !== null ? list.at + step : 0;
    list.moved = true;
    go(step === Infinity ? list.shown.length - 1 : step === -Infinity ? 0 : from);
    return true;
  }
  if (key === "Enter" && isElsewhere && list.moved) {
    rowButton(list.at)?.click();
    return true;
  }
  const does = { "/": () => byId("search").focus(), "?": showKeys, x: clear, Escape: close };
  if (!Object.hasOwn(does, key)) return false;
  does[key]();
  return true;
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape" && !event.target.value) event.target.blur();
    if (event.key === "Enter" || event.key === "ArrowDown") {
      event.preventDefault();
      list.moved = true;
      go(0);
    }
    return;
  }
  if (press(event.key, event.target)) event.preventDefault();
}

const THEMES = { auto: "Auto", light: "Light", dark: "Dark" };

function showTheme() {
  const theme = document.documentElement.dataset.theme ?? "auto";
  byId("theme-button").querySelector("span").textContent = THEMES[theme];
  byId("theme-button").setAttribute("aria-label", `Colours: ${THEMES[theme]}`);
}

function nextTheme() {
  const names = Object.keys(THEMES);
  const next = names[(names.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % names.length];
  if (next === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem("tightlip-theme", next);
  } catch { /* it holds until the page is closed */ }
  showTheme();
}

function listen() {
  let frame = 0;
  const soon = (work) => () => { cancelAnimationFrame(frame); frame = requestAnimationFrame(work); };
  addEventListener("scroll", soon(() => showRows()), { passive: true });
  let width = innerWidth;
  addEventListener("resize", soon(() => {
    if (innerWidth !== width) showTimeline(list.last.shown);
    width = innerWidth;
    settle();
  }));
  narrow.addEventListener("change", () => { cover(narrow.matches && state.open !== null); settle(); });
  addEventListener("hashchange", recall);
  addEventListener("keydown", onKey);
  byId("rows").addEventListener("click", ({ target }) => {
    if (!target.closest("button") && getSelection().isCollapsed) target.closest("tr")?.querySelector(".open").click();
  });
  byId("search").addEventListener("input", search);
  byId("theme-button").addEventListener("click", nextTheme);
  byId("keys-button").addEventListener("click", showKeys);
  byId("keys-close").addEventListener("click", () => byId("keys").close());
  byId("filters-button").addEventListener("click", () => {
    const isOpen = byId("filters").classList.toggle("shown");
    byId("filters-button").setAttribute("aria-expanded", String(isOpen));
  });
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    byId("list-title").scrollIntoView();
    byId("list-title").focus();
  });
}

function start() {
  document.querySelector(".app").hidden = false;
  showTarget();
  showIncomplete();
  showSummary();
  showFacts();
  showFirst();
  showTheme();
  listen();
  byId("explore").hidden = TOTAL === 0;
  byId("pair").hidden = TOTAL === 0;
  read(location.hash.slice(1));
  byId("search").value = state.q;
  const asked = state.open;
  update({ keep: true });
  if (asked !== null) {
    open(asked, false);
    go(list.shown.indexOf(asked), { focus: false });
  }
}

try {
  start();
  document.querySelector(".plain").remove();
} catch (error) { // the plain list says it all the same
  document.querySelector(".app").hidden = true;
  document.documentElement.classList.remove("scripted");
  throw error;
}
