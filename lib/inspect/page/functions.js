// The list of functions and trampolines: filtered by name, in the module's order or by size.
"use strict";
(() => {
  const { make } = page;
  let items = [];
  let list, filter, empty;

  /** What a link to a function says behind `#`. */
  page.addressOf = ({ index, symbol }) =>
    index >= 0 ? `function=${index}` : `symbol=${encodeURIComponent(symbol)}`;

  const itemOf = (view, n, largest) => {
    const link = make(
      "a",
      { href: `#${page.addressOf(view)}`, title: `${view.name}\n${view.title}` },
      page.named("span", "name", view.name),
      make("span", { class: "bytes" }, String(view.bytes)),
      make("span", { class: "bar", style: `width:${100 * view.bytes / largest}%` }),
    );
    const element = make("li", {}, link);
    const text = `${view.name} ${view.title}`.toLowerCase();
    return { n, element, link, text, bytes: view.bytes, isTrampoline: view.index < 0 };
  };

  const arrange = (bySize) => {
    const ordered = bySize ? [...items].sort((a, b) => b.bytes - a.bytes || a.n - b.n) : items;
    const children = [];
    ordered.forEach((item, n) => {
      if (!bySize && item.isTrampoline && !ordered[n - 1]?.isTrampoline) {
        children.push(make("li", { class: "group" }, "Trampolines"));
      }
      children.push(item.element);
    });
    list.replaceChildren(...children, empty);
    items.order = ordered;
  };

  const search = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
    let found = 0;
    for (const { element, text } of items) {
      element.hidden = !words.every((word) => text.includes(word));
      if (!element.hidden) found++;
    }
    for (const group of list.querySelectorAll(".group")) group.hidden = words.length > 0;
    empty.hidden = found > 0;
  };

  /** The list with its filter. */
  page.functionList = () => {
    const { functions } = page.data;
    const largest = Math.max(1, ...functions.map(({ bytes }) => bytes));
    items = functions.map((view, n) => itemOf(view, n, largest));
    list = make("ul");
    const nothing = items.length > 0
      ? "No function has such a name."
      : "The module has no functions.";
    empty = make("li", { class: "empty" }, nothing);
    filter = make("input", {
      type: "search",
      placeholder: "Find a function  /",
      "aria-label": "Find a function",
      oninput: search,
      onkeydown: (event) => {
        const first = items.order.find(({ element }) => !element.hidden);
        if (event.key === "Enter" && first) location.hash = first.link.hash;
        else if (event.key === "ArrowDown" && first) first.link.focus();
        else if (event.key === "Escape") {
          filter.value = "";
          search();
          filter.blur();
        } else return;
        event.preventDefault();
      },
    });
    const order = make(
      "select",
      { "aria-label": "Order", onchange: () => arrange(order.value === "size") },
      make("option", { value: "module" }, "by place"),
      make("option", { value: "size" }, "by size"),
    );
    list.addEventListener("keydown", ({ key }) => {
      if (key !== "ArrowDown" && key !== "ArrowUp") return;
      const visible = items.order.filter(({ element }) => !element.hidden);
      const at = visible.findIndex(({ link }) => link === document.activeElement);
      const next = visible[at + (key === "ArrowDown" ? 1 : -1)];
      if (next) next.link.focus();
      else if (key === "ArrowUp") filter.focus();
    });
    arrange(false);
    search();
    return make(
      "nav",
      { "aria-label": "Functions" },
      make("div", { class: "search" }, filter, order),
      list,
    );
  };

  page.focusFilter = () => {
    filter.focus();
    filter.select();
  };

  /** Marks the function that is shown. */
  page.markCurrent = (current) => {
    for (const { n, link } of items) {
      if (n === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    items[current]?.link.scrollIntoView({ block: "nearest" });
  };

  /** The place of the function that follows, or comes before, in the list as it is shown. */
  page.neighbour = (current, by) => {
    const visible = items.order.filter(({ element }) => !element.hidden);
    const at = visible.findIndex(({ n }) => n === current);
    return visible[at + by]?.n;
  };
})();
