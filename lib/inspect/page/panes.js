// The columns: wasm, one stage, and machine code.
"use strict";
(() => {
  const { make, coloured, hex, hue, belongs } = page;

  /** The stages, in order, by what they are called to readers. */
  page.STAGES = {
    ir: "translated",
    opt: "optimised",
    select: "selected",
    alloc: "allocated",
  };

  const row = (location, ...children) => {
    const style = location < 0 ? undefined : `--h:${hue(location)}`;
    return belongs(make("div", { class: "row", style }, ...children), location);
  };

  /** A pane with a title, and more in its head. */
  page.pane = (name, title, ...extra) =>
    make(
      "section",
      { class: `pane ${name}`, "aria-label": title },
      make("h2", {}, make("span", {}, title), ...extra),
    );

  /** The body of the function as text. */
  page.watPane = ({ wat }) => {
    const items = wat.map(([text, depth, location], n) => {
      const isSame = n > 0 && wat[n - 1][2] === location;
      const indented = "  ".repeat(depth) + text;
      const offset = make.bind(undefined, "span", { class: "offset" }, isSame ? "" : hex(location));
      return {
        location,
        width: indented.length + 5,
        make: () => row(location, offset(), coloured(indented, "wat")),
      };
    });
    return page.fill(page.pane("wat", "wasm"), items, "The file has no wasm code.");
  };

  /** One stage, with a button for each. */
  page.stagePane = ({ stages }, stage) => {
    const tabs = stages.map(({ name }, n) =>
      make(
        "button",
        {
          role: "tab",
          "aria-selected": name === stage.name,
          "data-stage": name,
          title: `after this stage: ${page.STAGES[name]} (key ${n + 1})`,
          onclick: () => page.showStage(name),
        },
        make("span", { class: "long" }, page.STAGES[name]),
        make("span", { class: "short" }, name),
      )
    );
    const isIr = stage.name === "ir" || stage.name === "opt";
    const items = stage.lines.map(([text, location]) => ({
      location,
      width: text.length,
      make: () => row(location, coloured(text, isIr ? "ir" : "machine")),
    }));
    const list = make("span", { role: "tablist" }, ...tabs);
    return page.fill(page.pane("stage", isIr ? "IR" : "instructions", list), items, "");
  };

  const codeRow = ([offset, bytes, text, , location, isData, remark, relocation, trap]) =>
    row(
      location,
      make("span", { class: "offset" }, hex(offset)),
      make("span", { class: "code", title: bytes }, bytes),
      isData ? make("span", { class: "text offset" }, text) : coloured(text, "machine"),
      ...(remark === "" ? [] : [make("span", { class: "remark" }, remark)]),
      ...(relocation === "" ? [] : [make("span", { class: "tag relocation" }, relocation)]),
      ...(trap === "" ? [] : [make("span", { class: "tag trap" }, trap)]),
    );

  /** The machine code, with everything that is known of it. */
  page.codePane = ({ code }) => {
    const items = code.flatMap((line) => {
      const [, , text, label, location, , remark, relocation, trap] = line;
      const width = 24 + Math.max(27, text.length) + remark.length + relocation.length +
        trap.length + 8;
      const item = { location, width, make: () => codeRow(line) };
      if (label === "") return [item];
      const head = () => row(-1, make("span", { class: "label" }, `${label}:`));
      return [{ location: -1, width: label.length + 1, make: head }, item];
    });
    return page.fill(page.pane("asm", "machine code"), items, "");
  };
})();
