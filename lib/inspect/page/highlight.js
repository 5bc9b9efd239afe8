// Lines of wasm, IR, machine code and graph that come from one wasm instruction light up together:
// under the pointer, and for good when one is clicked.
"use strict";
(() => {
  /** Elements that are there now, by wasm offset. */
  let elements = new Map();
  /** The offsets that are lit, by class. */
  const lit = { on: -1, pinned: -1 };
  /** What each pane can do, of the function that is shown: `{ pane, scrollTo(location) }`. */
  let panes = [];
  /** All offsets of the function, ascending when they were asked for. */
  let places = new Set(), order;

  /** Forgets everything; another function follows. */
  page.forgetLines = () => {
    elements = new Map();
    panes = [];
    places = new Set();
    order = undefined;
    lit.on = lit.pinned = -1;
  };

  /** Says what a pane has, and how it shows a place. */
  page.register = (pane, locations, scrollTo) => {
    panes.push({ pane, scrollTo });
    for (const location of locations) if (location >= 0) places.add(location);
  };

  /** Makes an element one of a wasm instruction, -1 for none. */
  page.belongs = (element, location) => {
    if (location < 0) return element;
    element.dataset.l = location;
    let set = elements.get(location);
    if (set === undefined) elements.set(location, set = new Set());
    set.add(element);
    for (const name in lit) if (lit[name] === location) element.classList.add(name);
    return element;
  };

  /** Takes an element, and those in it, back. */
  page.discard = (element) => {
    for (const each of [element, ...element.querySelectorAll("[data-l]")]) {
      elements.get(Number(each.dataset.l))?.delete(each);
    }
    element.remove();
  };

  const light = (name, location) => {
    if (lit[name] === location) return;
    for (const element of elements.get(lit[name]) ?? []) element.classList.remove(name);
    lit[name] = location;
    for (const element of elements.get(location) ?? []) element.classList.add(name);
  };

  const locationOf = (target) => {
    const element = target.closest?.("[data-l]");
    return element ? Number(element.dataset.l) : -1;
  };

  /** Keeps an instruction lit, -1 for none; the panes but `own` scroll to it. */
  page.pin = (location, own) => {
    page.state.at = location;
    light("pinned", location);
    page.remember();
    if (location < 0) return;
    for (const { pane, scrollTo } of panes) if (pane !== own) scrollTo(location);
  };

  /** Pins the next instruction, or the one before. */
  page.step = (by) => {
    order ??= [...places].sort((a, b) => a - b);
    const at = order.indexOf(page.state.at);
    const next = order[at < 0 ? (by > 0 ? 0 : order.length - 1) : at + by];
    if (next !== undefined) page.pin(next);
  };

  document.addEventListener("mouseover", (event) => light("on", locationOf(event.target)));
  document.documentElement.addEventListener("mouseleave", () => light("on", -1));
  document.addEventListener("click", (event) => {
    const location = locationOf(event.target);
    if (location < 0 || String(getSelection()) !== "") return;
    page.pin(page.state.at === location ? -1 : location, event.target.closest(".pane"));
  });
})();
