// One secret: why it matters, how to make it worthless, where it is, and what to do next.

const SOME_PLACES = 12, SOME_REFS = 10, MORE_PLACES = 500;
const short = (id) => id.slice(0, 10);
const isOurs = (secret) => /^[0-9a-f]{20}$/.test(secret.fingerprint);

const part = (title, ...content) => make("section", {}, make("h3", {}, title), content);

function reasonsPart(findings) {
  return part("Why it was found", make("ul", {}, findings.map((it) => make("li", {},
    findings.length > 1 ? [code(it.rule), ": "] : null,
    `${sure(it.confidence)} confidence (${Math.round(it.confidence * 100)} %)`,
    it.reasons.map((reason) => ["; ", foreign(reason)]),
    it.through.length ? `; decoded from ${it.through.join(" \u203a ")}` : null))));
}

function stepsPart(findings) {
  const every = new Map(findings.filter((it) => it.steps.length).map((it) => [it.steps.join("\n"), it]));
  return [...every.values()].map((it) => part(every.size > 1 ? `Make it worthless: ${it.name}` : "Make it worthless",
    make("ol", { class: "steps" }, it.steps.map((step) => make("li", {}, linked(step))))));
}

/** Who made a commit, and when. */
function toldBy(commit) {
  return [code(short(commit.id), { title: commit.id }), commit.date ? ` on ${commit.date.slice(0, 10)}` : "",
    commit.who ? [" by ", foreign(commit.who)] : null];
}

/** A list of which the first are there, and others where they are asked for. Parameters: `item`, what makes one. */
function listOf(things, most, item) {
  const box = make("ul", {}, things.slice(0, most).map(item));
  if (things.length <= most) return box;
  const label = () => {
    const all = number(things.length), left = things.length - box.children.length;
    return left > MORE_PLACES ? `Show ${number(MORE_PLACES)} more of ${all}` : `Show all ${all}`;
  };
  const button = make("button", { type: "button", class: "link", onclick: () => {
    const from = box.children.length;
    box.append(...things.slice(from, from + MORE_PLACES).map(item));
    if (box.children.length === things.length) button.remove();
    else button.textContent = label();
    box.children[from].setAttribute("tabindex", "-1");
    box.children[from].focus();
  } }, label());
  return [box, button];
}

function historyPart(secret, findings) {
  if (!HAS_HISTORY) return null;
  const refs = [...allRefs(secret)];
  const out = findings.map((it) => it.out).filter(Boolean).sort((a, b) => a.date < b.date ? 1 : -1)[0];
  const came = secret.first ? [toldBy(secret.first), secret.first.subject
    ? make("div", { class: "subject" }, "\u201c", foreign(secret.first.subject), "\u201d") : null]
    : "by no commit that has a date";
  const now = { head: "still in HEAD", history: "not in HEAD; the history has it", none: "HEAD could not be read" };
  const went = secret.state === "out" && out
    ? ["taken out by ", code(short(out.commit), { title: out.commit }),
      ` on ${out.date.slice(0, 10)}, after ${days(secret, out)}; the history has it`]
    : now[secret.state];
  return part("History", make("dl", {},
    fact("Came", came), fact("Now", went),
    fact("Reached by", refs.length
      ? listOf(refs, SOME_REFS, (at) => make("li", {}, code(TEXTS[at]))) : "no branch and no tag")));
}

/** How long it was in the files. */
function days(secret, out) {
  if (!secret.since || !isDate(out.date)) return "some time";
  return count(Math.max(0, Math.round((dayOf(out.date) - dayOf(secret.since)) / DAY)), "day");
}

/** Every place that any of the findings has, once. */
function placesOf(findings) {
  const seen = new Set(), places = [];
  for (const { places: flat } of findings) {
    for (let at = 0; at < flat.length; at += PLACE) {
      const key = flat.slice(at, at + PLACE).join();
      if (!seen.has(key)) places.push(placed(flat, at));
      seen.add(key);
    }
  }
  return places;
}

function placesPart(places) {
  const item = (place) => make("li", {}, code(where(place)),
    place.commit ? make("div", { class: "by" }, toldBy(place.commit)) : null,
    place.blob ? make("div", { class: "by" }, "object ", code(short(place.blob), { title: place.blob })) : null);
  return part(`Where it is (${count(places.length, "place")})`, listOf(places, SOME_PLACES, item));
}

/** The commands of tightlip for this secret; none where the fingerprint is none of tightlip's. */
function commandsPart(secret, places) {
  const id = secret.fingerprint;
  if (!isOurs(secret)) {
    return part("Next", make("p", {}, "The fingerprint is none of tightlip's, so there is no command for it."));
  }
  const less = secret.confidence < 0.5 ? " --min-confidence low" : "";
  const ignore = copyable(`printf '%s\\n' '${id}  # why it may stay' >> .tightlipignore`, "the command that allows it");
  const blocks = [];
  if (HAS_HISTORY) {
    blocks.push(
      part("What else to know", make("p", {}, "Who can reach it, since when, and a report for the ticket:"),
        copyable(`tightlip incident ${id}${SCAN.repo}`, "the incident command")),
      part("Purge it from the history", make("p", {}, "After rotating. This plans it and changes nothing:"),
        copyable(`tightlip scan-history${SCAN.repo}${less} --report json:report.json\n` +
          `tightlip purge${SCAN.repo} --plan plan.json --findings report.json --select ${id}`, "the purge commands")));
  }
  const pragmas = new Set(), pragma = `tightlip: allow=${secret.rule} why it may stay`;
  if (!HAS_HISTORY && /^[a-z0-9-]+$/.test(secret.rule)) {
    for (const { comment, part: kind } of places) {
      if (kind === "content" && comment) pragmas.add(comment.replace("{}", () => pragma));
    }
  }
  const lines = [...pragmas].map((line) => copyable(line, "the comment that allows it"));
  blocks.push(part("If it is no secret",
    lines.length ? [make("p", {}, "A comment on the line above it, with your reason:"), lines] : null,
    make("p", {}, `${lines.length ? "Or its" : "Its"} fingerprint in .tightlipignore, at the top of the repository:`),
    ignore));
  return blocks;
}

function detail(secret) {
  const findings = findingsOf(secret), places = placesOf(findings);
  return [
    make("div", { class: "detail-head" },
      make("p", {}, mark(SEVERITIES[secret.severity]),
        ` \u00b7 ${number(secret.at + 1)} of ${number(TOTAL)} to rotate`),
      make("button", { type: "button", class: "close", "aria-label": "Close", "aria-keyshortcuts": "Escape",
        onclick: close }, "\u00d7"),
      make("h2", { id: "detail-title", tabindex: "-1" }, foreign(secret.name)),
      make("p", { class: "value" }, code(secret.value)),
      make("p", { class: "ids" }, secret.provider ? [foreign(secret.provider), " \u00b7 "] : null,
        secret.rules.map((rule, at) => [at ? ", " : "", code(rule)]),
        " \u00b7 fingerprint ", code(secret.fingerprint))),
    part("Why it matters", make("ul", {}, why(secret).map((it) => make("li", {}, capital(it))))),
    stepsPart(findings),
    historyPart(secret, findings),
    placesPart(places),
    reasonsPart(findings),
    commandsPart(secret, places),
  ].flat().filter(Boolean);
}

/** Open a secret beside the list. Parameters: `focus`, whether the keyboard goes there. */
function open(at, focus) {
  const before = state.open;
  state.open = at;
  const panel = byId("detail");
  panel.replaceChildren(...detail(SECRETS[at]));
  panel.hidden = false;
  panel.scrollTop = 0;
  byId("explore").classList.add("opened");
  for (const it of byId("rows").children) {
    const isOpen = list.shown[Number(it.dataset.index)] === at;
    it.classList.toggle("current", isOpen);
    it.querySelector(".open").setAttribute("aria-expanded", String(isOpen));
  }
  cover(narrow.matches);
  remember();
  if (before === null) settle();
  if (focus) {
    const row = list.shown.indexOf(at);
    if (row >= 0) list.at = row;
    byId("detail-title").focus({ preventScroll: true });
    if (!narrow.matches) panel.scrollIntoView({ block: "nearest" });
  }
}

/** On a narrow screen the detail covers the page, and what is beneath cannot be reached. */
function cover(isCovered) {
  const panel = byId("detail");
  for (const it of document.querySelectorAll(".top, .incomplete, .summary, .pair, .filters, .results, footer, .skip")) {
    it.inert = isCovered;
  }
  document.body.classList.toggle("covered", isCovered);
  panel.setAttribute("role", isCovered ? "dialog" : "complementary");
  panel.toggleAttribute("aria-modal", isCovered);
  if (isCovered) panel.setAttribute("aria-modal", "true");
}

function close() {
  if (state.open === null) return;
  state.open = null;
  cover(false);
  byId("detail").hidden = true;
  byId("detail").replaceChildren();
  byId("explore").classList.remove("opened");
  remember();
  settle();
  go(list.at);
}
