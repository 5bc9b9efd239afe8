// Lists of rows. A long list has elements only for what is in sight: a function can have fifty
// thousand lines.
"use strict";
(() => {
  const { make } = page;
  /** The height of a row, as in the styles. */
  const HEIGHT = 18;
  /** Shorter lists are there as a whole, so that they can be printed and searched by the browser. */
  const LONG = 3000;
  /** Rows beyond what is in sight, before and after. */
  const MARGIN = 60;

  /**
   * Fills a pane.
   * @param items `{ location, width, make() }` per row; `width` in characters
   */
  page.fill = (pane, items, nothing) => {
    const box = make("div", { class: "scroll", tabindex: "0" });
    pane.append(box);
    if (items.length === 0) box.append(make("div", { class: "empty" }, nothing));
    const show = items.length > LONG ? windowed(box, items) : whole(box, items);
    const first = new Map();
    items.forEach(({ location }, n) => first.has(location) || first.set(location, n));
    pane.showRow = show;
    page.register(pane, first.keys(), (location) => {
      const n = first.get(location);
      if (n !== undefined) show(n);
    });
    return pane;
  };

  /** All rows; returns what shows one. */
  const whole = (box, items) => {
    const rows = items.map((item) => item.make());
    box.append(...rows);
    return (n) => rows[n].scrollIntoView({ block: "center", inline: "nearest" });
  };

  /** The rows in sight. */
  const windowed = (box, items) => {
    const widest = items.reduce((most, { width }) => Math.max(most, width), 0);
    const slice = make("div", { class: "slice" });
    box.append(make(
      "div",
      { class: "window", style: `height:${items.length * HEIGHT}px;min-width:${widest + 8}ch` },
      slice,
    ));
    let from = 0, to = 0;
    const paint = () => {
      const top = Math.floor(box.scrollTop / HEIGHT);
      const bottom = top + Math.ceil((box.clientHeight || 800) / HEIGHT);
      if (
        to > 0 && top >= from + (from > 0 ? MARGIN / 3 : 0) &&
        bottom <= to - (to < items.length ? MARGIN / 3 : 0)
      ) {
        return;
      }
      for (const row of [...slice.children]) page.discard(row);
      from = Math.max(0, top - MARGIN);
      to = Math.min(items.length, bottom + MARGIN);
      slice.style.transform = `translateY(${from * HEIGHT}px)`;
      slice.append(...items.slice(from, to).map((item) => item.make()));
    };
    box.addEventListener("scroll", paint);
    requestAnimationFrame(paint);
    paint();
    return (n) => {
      box.scrollTop = n * HEIGHT - box.clientHeight / 2;
      paint();
    };
  };
})();
