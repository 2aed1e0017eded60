// When secrets came and went: a bar for each of a few, columns for many, and always the same as a table.

const MOST_BARS = 18, ROW = 26, TALLEST_ROW = 40, AXIS = 24, TALL = 400, LOW = 240;
const DAY = 86_400_000;
const dayOf = (date) => Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
const iso = (time) => new Date(time).toISOString().slice(0, 10);

/** The last day that the report knows of: what is still there is there until then. */
const LAST = SECRETS.reduce((last, it) => [last, it.since, it.out].sort().at(-1), "").slice(0, 10);

/** Periods of time as the beginning of a date, long enough that there are not too many. */
function periods(from, to) {
  const days = (to - from) / DAY;
  const length = days <= 45 ? 10 : days <= 1500 ? 7 : 4;
  const names = [];
  for (const at = new Date(from); at.getTime() <= to;) { // by time: after 9999 a date is no text of this form
    names.push(iso(at.getTime()).slice(0, length));
    if (length === 10) at.setUTCDate(at.getUTCDate() + 1);
    else if (length === 7) at.setUTCMonth(at.getUTCMonth() + 1, 1);
    else at.setUTCFullYear(at.getUTCFullYear() + 1, 0, 1);
  }
  return { names, length };
}

/** How many came, by severity, and how many went, in each period. */
function flows(dated) {
  const from = dayOf(dated[0].since), to = dayOf(LAST);
  const { names, length } = periods(from, to);
  const at = new Map(names.map((name, index) => [name, index]));
  const made = names.map((name) => ({ name, came: SEVERITIES.map(() => 0), went: 0 }));
  for (const secret of dated) {
    made[at.get(secret.since.slice(0, length))].came[secret.severity]++;
    const went = secret.out && at.get(secret.out.slice(0, length));
    if (went !== "" && went !== undefined) made[went].went++;
  }
  return made;
}

const sum = (values) => values.reduce((a, b) => a + b, 0);

function told(secret) {
  const out = `taken out on ${secret.out.slice(0, 10)}`;
  const end = { head: "still in HEAD", out, history: "not in HEAD", none: "" };
  return `${secret.name}: came on ${secret.since.slice(0, 10)}, ${end[secret.state]}`;
}

/** Ticks at round dates. */
function ticks(from, to, most) {
  const { names, length } = periods(from, to);
  const step = Math.ceil(names.length / most);
  const full = (name) => Date.parse(`${name}${"-01-01".slice(0, 10 - length)}T00:00:00Z`);
  return names.filter((_, at) => at % step === 0).map((name) => ({ name, time: Math.max(full(name), from) }));
}

function bars(dated, width) {
  const label = Math.min(230, width * 0.36), from = dayOf(dated[0].since), to = Math.max(dayOf(LAST), from + DAY);
  const x = (date) => label + (dayOf(date) - from) / (to - from) * (width - label - 24) + 6;
  const tall = Math.min(TALLEST_ROW, Math.max(ROW, TALL / dated.length)), height = dated.length * tall + AXIS;
  const chart = draw("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  for (const { name, time } of ticks(from, dayOf(LAST), Math.max(2, Math.floor((width - label) / 90)))) {
    const at = x(iso(time));
    chart.append(draw("line", { class: "grid", x1: at, x2: at, y1: 0, y2: height - AXIS }),
      draw("text", { class: "tick", x: Math.min(at, width - 36), y: height - 6 }, name));
  }
  dated.forEach((secret, row) => {
    const y = row * tall + tall / 2, start = x(secret.since), severity = SEVERITIES[secret.severity];
    const end = secret.state === "out" ? Math.max(x(secret.out), start) : width - 12;
    const group = draw("g", { class: `life ${severity} ${secret.state}`, onclick: () => open(secret.at, true) },
      draw("title", {}, told(secret)),
      draw("rect", { class: "hit", x: 0, y: y - tall / 2, width, height: tall }),
      draw("text", { class: "label", x: 0, y: y + 4 }, clipped(secret.name, label - 10)));
    if (secret.state === "head") group.append(draw("path", { class: "arrow", d: `M${end} ${y - 5}l6 5l-6 5Z` }));
    group.append(draw("line", { class: "span", x1: start, x2: end, y1: y, y2: y }));
    group.append(draw("use", { href: `#${severity}`, x: start - 6, y: y - 6, width: 12, height: 12 }));
    if (secret.state === "out") {
      group.append(draw("path", { class: "end", d: `M${end - 4} ${y - 4}l8 8m0 -8l-8 8` }));
    }
    chart.append(group);
  });
  return chart;
}

const LETTER = 6.6; // pixels, about
const clipped = (text, room) =>
  text.length * LETTER <= room ? text : `${text.slice(0, Math.max(4, room / LETTER - 1))}\u2026`;

function columns(dated, width) {
  const made = flows(dated), up = Math.max(1, ...made.map((it) => sum(it.came)));
  const down = Math.max(0, ...made.map((it) => it.went)), left = 40, tall = width > 480 ? TALL : LOW;
  const scale = (tall - 8) / (up + down), zero = up * scale + 8, step = (width - left) / made.length;
  const height = tall + AXIS, wide = Math.max(1, Math.min(step - 2, 34));
  const chart = draw("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  const grid = [[up, 8], ...(down * scale > 14 ? [[down, zero + down * scale]] : [])];
  for (const [value, y] of grid) {
    chart.append(draw("line", { class: "grid", x1: left, x2: width, y1: y, y2: y }),
      draw("text", { class: "tick", x: left - 6, y: y + 4, "text-anchor": "end" }, number(value)));
  }
  const every = Math.ceil(made.length / Math.max(1, Math.floor((width - left) / 76)));
  made.forEach(({ name, came, went }, at) => {
    const x = left + at * step + (step - wide) / 2;
    const chosen = state.chosen.came.has(name);
    const group = draw("g", { class: chosen ? "column chosen" : "column", onclick: () => toggle("came", name) },
      draw("title", {}, `${name}: ${number(sum(came))} came, ${number(went)} went. Click to see those that came.`),
      draw("rect", { class: "hit", x: left + at * step, y: 0, width: step, height: tall }));
    let y = zero;
    came.forEach((value, severity) => {
      if (!value) return;
      y -= value * scale;
      const height = Math.max(1, value * scale - 0.5);
      group.append(draw("rect", { class: SEVERITIES[severity], x, y, width: wide, height }));
    });
    if (went) {
      group.append(draw("rect", { class: "went", x, y: zero + 1, width: wide, height: Math.max(1, went * scale) }));
    }
    if (at % every === 0) group.append(draw("text", { class: "tick start", x: left + at * step, y: height - 6 }, name));
    chart.append(group);
  });
  chart.append(draw("line", { class: "axis", x1: left, x2: width, y1: zero, y2: zero }));
  return chart;
}

function flowTable(dated) {
  let there = 0;
  const rows = flows(dated).map(({ name, came, went }) => {
    there += sum(came) - went;
    const button = make("button", { type: "button", class: "link", "aria-pressed": String(state.chosen.came.has(name)),
      title: "Show those that came then", onclick: () => toggle("came", name) }, name);
    return make("tr", {}, make("th", { scope: "row" }, button), make("td", {}, number(sum(came))),
      make("td", {}, number(went)), make("td", {}, number(there)));
  });
  const head = ["When", "Came", "Taken out of HEAD", "Not taken out by then"];
  return make("table", {}, make("thead", {}, make("tr", {}, head.map((it) => make("th", { scope: "col" }, it)))),
    make("tbody", {}, rows));
}

/** What the marks of a chart mean; the table says it to whoever does not see them. */
function legend(dated) {
  const sample = (shape, properties = {}) => draw("svg", { width: 14, height: 12, ...properties }, shape);
  const forBars = () => [
    [sample(draw("use", { href: "#critical", x: 1, width: 12, height: 12 })), "came"],
    [sample(draw("path", { class: "end", d: "M3 2l8 8m0 -8l-8 8" })), "taken out of HEAD"],
    [sample(draw("path", { class: "arrow", d: "M4 1l6 5l-6 5Z" })), "still in HEAD"],
    [sample(draw("line", { class: "span", x1: 0, x2: 20, y1: 6, y2: 6 }), { class: "life history", width: 20 }),
      "only in the history"],
  ];
  const forColumns = () => [
    ...SEVERITIES.map((name) => [icon(name), name]),
    [sample(draw("rect", { class: "went", x: 1, y: 1, width: 11, height: 10 })), "taken out of HEAD"],
  ];
  const marks = dated.length <= MOST_BARS ? forBars() : forColumns();
  return make("p", { class: "legend life", "aria-hidden": "true" }, marks.map((it) => make("span", {}, it)));
}

function showFlowTable(dated) {
  const table = byId("time-table"), held = table.contains(document.activeElement) && document.activeElement.textContent;
  table.hidden = !dated.length;
  table.ontoggle = () => table.open && dated.length && table.lastElementChild.replaceChildren(flowTable(dated));
  table.ontoggle();
  if (held) [...table.querySelectorAll("button")].find((it) => it.textContent === held)?.focus();
}

function saidOf(dated) {
  const [first, last] = [dated[0], dated.at(-1)].map((it) => it.since.slice(0, 10));
  const [gone, still] = ["out", "head"].map((state) => number(dated.filter((it) => it.state === state).length));
  return `${number(dated.length)} came between ${first} and ${last}; ${gone} taken out of HEAD, ${still} still in it.`;
}

function showTimeline(shown) {
  const dated = shown.map((at) => SECRETS[at]).filter((it) => it.since).sort((a, b) => a.since < b.since ? -1 : 1);
  const section = byId("time");
  section.hidden = !dated.length && !SECRETS.some((it) => it.since);
  byId("pair").classList.toggle("alone", section.hidden);
  if (section.hidden) return;
  const width = Math.max(260, byId("chart").clientWidth);
  const said = dated.length ? saidOf(dated) : "None of these has a date.";
  byId("time-hint").textContent = said;
  const chart = dated.length ? (dated.length <= MOST_BARS ? bars : columns)(dated, width) : "";
  if (chart) {
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", `Timeline: ${said} The table below says the same.`);
  }
  byId("chart").replaceChildren(...chart ? [legend(dated), chart] : []);
  showFlowTable(dated);
}
