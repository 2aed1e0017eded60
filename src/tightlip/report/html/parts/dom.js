// Elements, made with text and never with markup.

const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

const make = (tag, properties = {}, ...children) => fill(document.createElement(tag), properties, children);
const draw = (tag, properties = {}, ...children) => fill(document.createElementNS(SVG, tag), properties, children);
const icon = (name) => draw("svg", { class: `icon ${name}`, "aria-hidden": "true", focusable: "false" },
  draw("use", { href: `#${name}` }));
const unseen = (text) => make("span", { class: "unseen" }, text);
/** A text of unknown origin: its direction stays its own. */
const foreign = (text, tag = "bdi", properties = {}) => make(tag, { dir: "auto", ...properties }, text);
const code = (text, properties = {}) => foreign(text, "code", properties);

const number = (value) => value.toLocaleString("en");
const count = (value, noun, plural = `${noun}s`) => `${number(value)} ${value === 1 ? noun : plural}`;
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Prose in which addresses are links, if they are https and nothing else. */
function linked(text) {
  return text.split(/(https:\/\/[^\s<>"'`()]+[^\s<>"'`().,;:!?])/).map((part, at) =>
    at % 2 ? make("a", { href: part, rel: "noopener noreferrer", target: "_blank" }, part) : part);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", { class: "unseen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

/** A text to paste, with the button that copies it. */
function copyable(text, what) {
  const said = make("span", {}, "Copy");
  const button = make("button", { type: "button", class: "copy", "aria-label": `Copy ${what}`, onclick: async () => {
    await copy(text);
    said.textContent = "Copied";
    button.setAttribute("aria-label", `Copied ${what}`);
    setTimeout(() => {
      said.textContent = "Copy";
      button.setAttribute("aria-label", `Copy ${what}`);
    }, 1500);
  } }, said);
  return make("div", { class: "copyable" }, make("pre", { tabindex: "0" }, make("code", {}, text)), button);
}
