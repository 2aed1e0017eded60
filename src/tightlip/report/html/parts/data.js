// The data of the page: `data.py` writes it. A secret is a number, its place in the order of rotation.

const DATA = JSON.parse(byId("data").textContent);
const { scan: SCAN, severities: SEVERITIES, parts: PARTS, texts: TEXTS, paths: PATHS } = DATA;
const TOTAL = DATA.secrets.length;
const PLACE = 6;

const texts = (list) => DATA.lists[list].map((at) => TEXTS[at]);

/** Whether a text begins with a day that there is: whoever commits writes there what they like. */
function isDate(text) {
  const day = text.slice(0, 10), time = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

function finding([rule, severity, confidence, reasons, fingerprint, value, through, head, commit, date, places]) {
  const [id, name, provider, steps] = DATA.rules[rule];
  return {
    rule: id, name, provider, steps, severity, confidence, fingerprint, places, head,
    reasons: texts(reasons), value: TEXTS[value], through: texts(through),
    out: commit < 0 ? null : { commit: TEXTS[commit], date: TEXTS[date] },
  };
}

const COMMITS = DATA.commits.map(([id, who, date, subject, refs]) => ({
  id: TEXTS[id], who: TEXTS[who], date: isDate(TEXTS[date]) ? TEXTS[date] : "", subject: TEXTS[subject], refs,
}));

function placed(places, at) {
  const [where, line, column, part, commit, blob] = places.slice(at, at + PLACE);
  return {
    path: where < 0 ? null : PATHS[where][0],
    comment: where < 0 || PATHS[where][1] < 0 ? null : TEXTS[PATHS[where][1]],
    other: where < 0 ? TEXTS[-1 - where] : null,
    line, column, part: PARTS[part],
    commit: commit < 0 ? null : COMMITS[commit],
    blob: blob < 0 ? null : TEXTS[blob],
  };
}

function where(place) {
  if (place.other !== null) return place.other;
  return place.part === "path" ? `${place.path} (in the name itself)` : `${place.path}:${place.line}:${place.column}`;
}

const STATES = { head: "In HEAD", out: "Taken out", history: "Only in history", none: "" };

/** What the list needs of each secret, made once. */
function summed(raw, at) {
  const [, ...findings] = raw;
  const paths = new Set(), commits = new Set(), seen = new Set();
  let since = "", first = null, inHead = false, known = false, out = "";
  for (const [, , , , , , , head, , date, places] of findings) {
    inHead ||= head === 1;
    known ||= head !== null;
    if (date >= 0 && TEXTS[date] > out && isDate(TEXTS[date])) out = TEXTS[date];
    for (let it = 0; it < places.length; it += PLACE) {
      const commit = places[it + 4];
      if (places[it] >= 0) paths.add(places[it]);
      seen.add(`${places[it]} ${places[it + 1]} ${places[it + 2]} ${commit}`);
      if (commit < 0) continue;
      commits.add(commit);
      const date = COMMITS[commit].date;
      if (date && (!since || date < since)) [since, first] = [date, commit];
    }
  }
  const [rule, severity, , , fingerprint, value, , , , , places] = findings[0];
  const [id, name, provider] = DATA.rules[rule];
  return {
    at, raw, rule: id, name, provider, severity, fingerprint, value: TEXTS[value], since, out: inHead ? "" : out,
    confidence: Math.max(...findings.map((it) => it[2])),
    rules: [...new Set(findings.map((it) => DATA.rules[it[0]][0]))],
    state: inHead ? "head" : out ? "out" : known ? "history" : "none",
    paths: [...paths], commits: [...commits], places: seen.size,
    first: first === null ? null : COMMITS[first], where: where(placed(places, 0)),
  };
}

const SECRETS = DATA.secrets.map(summed);
const BY_FINGERPRINT = new Map(SECRETS.flatMap((secret) => secret.raw.slice(1).map((it) => [it[4], secret.at])));
const why = (secret) => texts(secret.raw[0]);
const findingsOf = (secret) => secret.raw.slice(1).map(finding);
const sure = (confidence) => confidence >= 0.8 ? "high" : confidence >= 0.5 ? "medium" : "low";
const HAS_HISTORY = SCAN.kind === "history";
