// Where the bytes go, as tables.
"use strict";
(() => {
  const { make } = page;

  /** A table whose rows begin with the number that their bar shows; the first column may be a link. */
  const table = (heads, rows, total) =>
    make(
      "table",
      {},
      make("thead", {}, make("tr", {}, ...[...heads, ""].map((head) => make("th", {}, head)))),
      make(
        "tbody",
        {},
        ...rows.map(([bytes, ...cells]) =>
          make(
            "tr",
            {},
            ...cells.map((cell) =>
              make("td", {}, cell instanceof Node ? cell : String(cell ?? "–"))
            ),
            make(
              "td",
              { class: "meters" },
              make("span", { class: "meter", style: `width:${total ? 100 * bytes / total : 0}%` }),
            ),
          )
        ),
      ),
    );

  /** All tables. */
  page.sizesPane = () => {
    const { sizes, sections } = page.data;
    const share = (bytes, of) => of ? `${(100 * bytes / of).toFixed(1)}%` : "–";
    const file = sections.reduce((sum, { bytes }) => sum + bytes, 0);
    const largest = Math.max(1, ...sizes.functions.map(({ bytes }) => bytes));
    const most = Math.max(1, ...sizes.checks.map(({ bytes }) => bytes));
    const link = ({ name }) => {
      const index = /^wasm\[0\]::function\[(\d+)\]/.exec(name)?.[1];
      return index === undefined ? name : make("a", { href: `#function=${index}` }, name);
    };
    return make(
      "div",
      { class: "sizes" },
      make("h2", {}, "Text"),
      table(
        ["what", "count", "bytes", "share"],
        sizes.kinds.map((
          { name, count, bytes },
        ) => [bytes, name, count, bytes, share(bytes, sizes.text)]),
        sizes.text,
      ),
      make("h2", {}, "Trap checks"),
      table(
        ["trap", "faults (free)", "checks", "bytes", "share"],
        sizes.checks.map(({ trap, faults, checks, bytes }) => [
          bytes,
          trap,
          faults,
          checks,
          bytes,
          share(bytes, sizes.text),
        ]),
        most,
      ),
      ...(sections.length === 0 ? [] : [
        make("h2", {}, "Object file"),
        table(
          ["section", "bytes", "share"],
          sections.map(({ name, bytes }) => [bytes, name, bytes, share(bytes, file)]),
          file,
        ),
      ]),
      make("h2", {}, "Functions"),
      table(
        ["function", "bytes", "share", "instructions", "spills", "reloads"],
        sizes.functions.map((f) => [
          f.bytes,
          link(f),
          f.bytes,
          share(f.bytes, sizes.text),
          f.instructions,
          f.spills,
          f.reloads,
        ]),
        largest,
      ),
    );
  };
})();
