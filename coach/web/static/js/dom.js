// Small helpers to build the page.  Text is always text, never markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled" || name === "muted") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const h = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);

export const s = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

/** A drawing that the server made. */
export const drawing = (svg) => document.importNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement, true);

export const printButton = () => h("button", { type: "button", onclick: () => print() }, "Print or save as PDF");

export function announce(text) {
  const place = document.getElementById("announcer");
  if (place.textContent === text) place.textContent = ""; // or the same words would not be read again
  requestAnimationFrame(() => { place.textContent = text; });
}

export function notice(text, kind = "notice") {
  return h("p", { class: kind, role: kind === "problem" ? "alert" : null }, text);
}

/** Remembers small things; where the browser forbids that, they last as long as the page. */
const memory = new Map();
export function remember(name, value, store = () => localStorage) {
  memory.set(name, value);
  try { if (value === null) store().removeItem(name); else store().setItem(name, value); } catch { /* for this page only */ }
}
export function recall(name, store = () => localStorage) {
  try { return store().getItem(name); } catch { return memory.get(name) ?? null; }
}

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export const clock = (date) =>
  new Date(date).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

/** Asks before something that cannot be undone; resolves to whether the person agreed. */
export function confirm(title, words, action) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { "aria-labelledby": "ask-title" },
      h("h2", { id: "ask-title" }, title), h("p", {}, words),
      h("div", { class: "actions" },
        h("button", { type: "button", onclick: () => dialog.close("") }, "Cancel"),
        h("button", { type: "button", class: "danger", onclick: () => dialog.close("yes") }, action)));
    dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "yes"); });
    document.body.append(dialog);
    dialog.showModal();
  });
}
