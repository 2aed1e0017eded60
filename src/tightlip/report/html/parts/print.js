// On paper: everything that the filters leave, without what only a screen can do.

const MOST_PRINTED = 1000, PRINTED_PLACES = 20;

function printedSecret(at) {
  const secret = SECRETS[at], places = placesOf(findingsOf(secret));
  const left = places.length - PRINTED_PLACES;
  return make("li", { value: String(at + 1) },
    make("p", { class: "who" }, mark(SEVERITIES[secret.severity]), " ", make("strong", {}, foreign(secret.name)), " ",
      code(secret.value)),
    make("p", { class: "why" }, capital(why(secret).slice(1).join("; ")),
      secret.first?.who ? ["; brought in by ", foreign(secret.first.who)] : null,
      ". Fingerprint ", code(secret.fingerprint), "."),
    make("ul", {}, places.slice(0, PRINTED_PLACES).map((place) => make("li", {}, code(where(place)),
      place.commit ? [" in ", code(short(place.commit.id))] : null)),
    left > 0 ? make("li", {}, `and ${count(left, "more place")}`) : null));
}

function printedSteps(shown) {
  const rules = new Map(shown.flatMap((at) => findingsOf(SECRETS[at])).map((it) => [it.rule + it.steps.join(), it]));
  return [...rules.values()].filter((it) => it.steps.length).map((it) => make("section", {},
    make("h3", {}, foreign(it.name)), make("ol", {}, it.steps.map((step) => make("li", {}, step)))));
}

function print() {
  const shown = list.shown.slice(0, MOST_PRINTED), left = list.shown.length - shown.length;
  const filters = [...byId("chips").querySelectorAll("button:not(.all) bdi")].map((it) =>
    it.parentElement.textContent.replace(/\u00d7$/, ""));
  showUnscanned(SCAN.unscanned.length);
  byId("printed").replaceChildren(...shown.length ? [
    make("h2", {}, "The secrets, in the order in which to rotate them"),
    filters.length ? make("p", {}, `Only those of this view. ${filters.join("; ")}`) : null,
    make("ol", {}, shown.map(printedSecret)),
    left > 0 ? make("p", {}, `And ${count(left, "more secret")}, which the page on a screen has.`) : null,
    make("h2", {}, "How to make them worthless"),
    ...printedSteps(shown),
  ].filter(Boolean) : []);
}

addEventListener("beforeprint", print);
addEventListener("afterprint", () => {
  byId("printed").replaceChildren();
  showUnscanned(MOST_UNSCANNED);
});
