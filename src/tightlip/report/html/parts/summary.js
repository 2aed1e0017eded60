// The top of the page: what was scanned and what was not, how many secrets there are, and which to rotate first.

const FIRST = 5, MOST_UNSCANNED = 5;
const KINDS = { files: "files", text: "text", staged: "what is staged", history: "the whole history" };
const IN = { staged: "Secrets staged in ", history: "Secrets in the history of " };
const HERE = { staged: "this repository", history: "this repository", text: "a text" };
const KNOWN_COUNTS = { blobs: "file version", commits: "commit", tags: "tag", trees: "folder listing",
  names: "file name", refs: "branch and tag name" };

const mark = (severity) => make("span", { class: `severity ${severity}` }, icon(severity), capital(severity));

function showTarget() {
  const here = HERE[SCAN.kind] ?? "this folder";
  byId("target").append(IN[SCAN.kind] ?? "Secrets in ", SCAN.target === "." ? here : code(SCAN.target));
  byId("about").append(
    `Made by tightlip ${DATA.tool.version} with the rules `, code(DATA.tool.rules_hash.slice(0, 12)),
    ". The values are redacted. This page is one file and asks nothing of any server.",
  );
}

function showUnscanned(most) {
  const missed = SCAN.unscanned;
  byId("unscanned").replaceChildren();
  for (const [what, reason] of missed.slice(0, most)) { // there may be more than a call takes arguments
    byId("unscanned").append(make("li", {}, code(what), " ", make("span", {}, reason)));
  }
  const button = byId("all-unscanned");
  button.hidden = missed.length <= most;
  button.textContent = `Show all ${number(missed.length)}`;
}

function showIncomplete() {
  if (SCAN.complete) return;
  const missed = SCAN.unscanned.length;
  byId("incomplete").hidden = false;
  byId("incomplete-title").append(icon("high"), "This scan is not complete: ",
    `${count(missed, "thing")} ${missed === 1 ? "was" : "were"} not scanned`);
  byId("all-unscanned").addEventListener("click", () => {
    showUnscanned(missed);
    byId("unscanned").querySelectorAll("li")[MOST_UNSCANNED].setAttribute("tabindex", "-1");
    byId("unscanned").querySelectorAll("li")[MOST_UNSCANNED].focus();
  });
  showUnscanned(MOST_UNSCANNED);
}

function fact(term, ...said) {
  return said.length ? make("div", {}, make("dt", {}, term), said.map((it) => make("dd", {}, it))) : null;
}

function scanned() {
  const told = (name, value) =>
    Object.hasOwn(KNOWN_COUNTS, name) ? count(value, KNOWN_COUNTS[name]) : `${number(value)} ${name}`;
  const counts = SCAN.scanned.filter(([, value]) => value).map(([name, value]) => told(name, value));
  return `${KINDS[SCAN.kind] ?? SCAN.kind}: ${[...counts, SCAN.size].join(", ")}, in ${SCAN.duration}`;
}

function showFacts() {
  const missed = SCAN.unscanned.length;
  const left = [
    SCAN.allowed ? `${count(SCAN.allowed, "match", "matches")} that a comment allows` : "",
    SCAN.baselined ? `${count(SCAN.baselined, "finding")} that the baseline knows` : "",
  ].filter(Boolean);
  byId("facts").append(...[
    fact("Scanned", scanned()),
    fact("Not scanned", missed ? make("strong", { class: "missed" }, count(missed, "thing")) : "nothing was left out"),
    fact("Left out", ...left),
    fact("Note", ...SCAN.notes),
  ].filter(Boolean));
}

function showSummary() {
  const title = byId("summary-title");
  title.replaceChildren(make("span", { class: "big" }, TOTAL ? number(TOTAL) : "No"),
    ` ${TOTAL === 1 ? "secret" : "secrets"} ${SCAN.complete || TOTAL ? "found" : "found in what was scanned"}`);
  const totals = SEVERITIES.map((_, at) => SECRETS.filter((it) => it.severity === at).length);
  byId("severities").replaceChildren(...SEVERITIES.map((name, at) => make("button", {
    type: "button", class: `tile ${name}`, "data-severity": name, "aria-pressed": "false",
    disabled: totals[at] === 0, onclick: () => toggle("severity", name),
  }, icon(name), make("span", { class: "amount" }, number(totals[at])), make("span", {}, capital(name)))));
  byId("severities").hidden = TOTAL === 0;
}

function showPressed() {
  for (const tile of byId("severities").children) {
    tile.setAttribute("aria-pressed", String(state.chosen.severity.has(tile.dataset.severity)));
  }
}

function showFirst() {
  const urgent = SECRETS.slice(0, FIRST);
  byId("first").hidden = !urgent.length;
  const told = new Map();
  byId("first-list").replaceChildren(...urgent.map((secret, at) => {
    const [step] = findingsOf(secret)[0].steps, before = told.get(step);
    if (before === undefined) told.set(step, at + 1);
    return make("li", {},
      make("div", { class: "who" },
        make("button", { type: "button", class: "link", onclick: () => open(secret.at, true) }, foreign(secret.name)),
        " ", code(secret.value, { class: "value" })),
      make("p", { class: "why" }, mark(SEVERITIES[secret.severity]), why(secret).slice(1).map((it) => ` \u00b7 ${it}`)),
      step && make("p", { class: "step" }, before ? `As number ${before}.` : linked(step)));
  }));
  if (TOTAL > FIRST) {
    const others = `Then the other ${number(TOTAL - FIRST)}, in the order of the list below.`;
    byId("first").append(make("p", { class: "hint" }, others));
  }
}
