// Which secrets are shown: the state, what each filter knows of each secret, and the search.

const state = { q: "", folder: "", chosen: {}, sort: "order", down: false, open: null };

/** Names, each with a number. */
class Names {
  constructor() {
    this.names = [];
    this.at = new Map();
  }

  of(name) {
    let found = this.at.get(name);
    if (found === undefined) {
      found = this.names.length;
      this.at.set(name, found);
      this.names.push(name);
    }
    return found;
  }
}

const allRefs = (secret) => new Set(secret.commits.flatMap((it) => REFS[COMMITS[it].refs]));
const REFS = DATA.lists;

/** The filters: a key in the address, a title, and the values of a secret. */
const FACETS = [
  { key: "severity", title: "Severity", of: (it) => [SEVERITIES[it.severity]], order: SEVERITIES },
  { key: "state", title: "State", of: (it) => [STATES[it.state]], only: HAS_HISTORY, order: Object.values(STATES) },
  { key: "rule", title: "Rule", of: (it) => it.rules },
  { key: "provider", title: "Provider", of: (it) => [it.provider || "(none)"] },
  { key: "author", title: "Author", of: (it) => it.commits.map((at) => COMMITS[at].who || "(unknown)"),
    only: HAS_HISTORY },
  { key: "ref", title: "Branch or tag", only: HAS_HISTORY,
    of: (it) => { const refs = [...allRefs(it)]; return refs.length ? refs.map((at) => TEXTS[at]) : ["(none)"]; } },
  { key: "confidence", title: "Confidence", of: (it) => [sure(it.confidence)], order: ["high", "medium", "low"] },
  { key: "came", title: "Came in", hidden: true, of: (it) => [it.since.slice(0, 10)],
    holds: (value, chosen) => value.startsWith(chosen) },
].filter((facet) => facet.only !== false);

/** Fill in the numbers of the values of each secret; lists that are the same are one. */
function prepare(facet) {
  const names = new Names(), lists = new Map();
  facet.values = SECRETS.map((secret) => {
    const list = [...new Set(facet.of(secret))].map((name) => names.of(name));
    const key = list.length === 1 ? list[0] : list.join();
    if (!lists.has(key)) lists.set(key, list);
    return lists.get(key);
  });
  facet.names = names.names;
  state.chosen[facet.key] = new Set();
}
FACETS.forEach(prepare);

/** Which of a filter's values are chosen, by number; null where none is, and everything passes. */
function wanted(facet) {
  const chosen = state.chosen[facet.key];
  if (!chosen.size) return null;
  if (facet.holds) {
    return new Uint8Array(facet.names.map((name) => [...chosen].some((it) => facet.holds(name, it))));
  }
  return new Uint8Array(facet.names.map((name) => chosen.has(name)));
}

const passes = (mask, list) => mask === null || list.some((at) => mask[at]);

let haystacks = null;

/** What a search looks at, in small letters. */
function haystack(secret) {
  const parts = [secret.name, secret.provider, secret.value, secret.where, ...secret.rules];
  for (const it of secret.raw.slice(1)) parts.push(it[4]);
  for (const path of secret.paths) parts.push(PATHS[path][0]);
  for (const at of secret.commits) parts.push(COMMITS[at].id, COMMITS[at].who, COMMITS[at].subject);
  for (const at of allRefs(secret)) parts.push(TEXTS[at]);
  return parts.join("\n").toLowerCase();
}

/** Return whether a secret has every word of the search. */
function searcher() {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return () => true;
  haystacks ??= SECRETS.map(haystack);
  return (at) => words.every((word) => haystacks[at].includes(word));
}

const folders = new Map();

/** The next folder or file below the chosen one, by path: -1 where a path is elsewhere. */
function below(folder) {
  if (!folders.has(folder)) {
    const names = new Names(), isFolder = !folder || folder.endsWith("/");
    const at = PATHS.map(([path]) => {
      if (isFolder ? !path.startsWith(folder) : path !== folder) return -1;
      const slash = path.indexOf("/", folder.length);
      return names.of(slash < 0 ? path : path.slice(0, slash + 1));
    });
    folders.set(folder, { names: names.names, at });
  }
  return folders.get(folder);
}

/** Return the secrets that pass, in the order of rotation, and how many there would be with each value of a filter. */
function filtered() {
  const masks = FACETS.map(wanted), has = searcher(), here = below(state.folder);
  const counts = FACETS.map((facet) => new Uint32Array(facet.names.length));
  const inFolder = new Uint32Array(here.names.length);
  const shown = [];
  for (const { at, paths } of SECRETS) {
    const children = new Set();
    for (const path of paths) if (here.at[path] >= 0) children.add(here.at[path]);
    if ((state.folder && !children.size) || !has(at)) continue;
    let failed = -1, fails = 0;
    for (let it = 0; it < FACETS.length && fails < 2; it++) {
      if (!passes(masks[it], FACETS[it].values[at])) [failed, fails] = [it, fails + 1];
    }
    if (fails === 0) {
      shown.push(at);
      for (const child of children) inFolder[child]++;
    }
    for (let it = 0; it < FACETS.length && fails < 2; it++) {
      if (fails === 0 || failed === it) for (const value of FACETS[it].values[at]) counts[it][value]++;
    }
  }
  return { shown, counts, folders: here.names.map((name, at) => [name, inFolder[at]]) };
}

const collator = new Intl.Collator("en", { numeric: true });
const ranks = new Map();

/** Return how texts compare, as numbers, so that many sort at once. */
function ranked(key, of) {
  if (!ranks.has(key)) {
    const names = [...new Set(SECRETS.map(of))].sort(collator.compare);
    const at = new Map(names.map((name, rank) => [name, rank]));
    ranks.set(key, Int32Array.from(SECRETS, (secret) => at.get(of(secret))));
  }
  return ranks.get(key);
}

const SORTS = {
  order: () => Int32Array.from(SECRETS, (secret) => secret.at),
  name: () => ranked("name", (it) => it.name),
  where: () => ranked("where", (it) => it.where),
  since: () => ranked("since", (it) => it.since || "9999"),
  state: () => ranked("state", (it) => String(Object.keys(STATES).indexOf(it.state))),
  places: () => Int32Array.from(SECRETS, (secret) => -secret.places),
};

function sorted(shown) {
  const rank = SORTS[state.sort](), sign = state.down ? -1 : 1;
  return shown.sort((a, b) => sign * (rank[a] - rank[b]) || a - b);
}

/** The state as it stands in the address, so that a view can be handed on. */
function written() {
  const query = new URLSearchParams();
  if (state.q) query.set("q", state.q);
  if (state.folder) query.set("folder", state.folder);
  for (const { key } of FACETS) for (const value of state.chosen[key]) query.append(key, value);
  if (state.sort !== "order" || state.down) query.set("sort", (state.down ? "-" : "") + state.sort);
  if (state.open !== null) query.set("open", SECRETS[state.open].fingerprint);
  return query.toString();
}

function read(fragment) {
  const query = new URLSearchParams(fragment);
  state.q = query.get("q") ?? "";
  state.folder = query.get("folder") ?? "";
  for (const { key } of FACETS) state.chosen[key] = new Set(query.getAll(key));
  const sort = query.get("sort") ?? "";
  state.down = sort.startsWith("-");
  state.sort = Object.hasOwn(SORTS, sort.replace("-", "")) ? sort.replace("-", "") : "order";
  state.open = BY_FINGERPRINT.get(query.get("open")) ?? null;
}

const isFiltered = () => Boolean(state.q || state.folder || FACETS.some(({ key }) => state.chosen[key].size));
