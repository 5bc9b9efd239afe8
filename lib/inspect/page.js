// What the page of `inspect --html` runs in the browser: it builds the panes of one function at a
// time, and lets the lines of wasm, IR and machine code that belong together light up together.
"use strict";
(async () => {
  const { type, textContent } = document.getElementById("data");
  const read = async () => {
    if (type === "application/json") return textContent;
    const bytes = Uint8Array.from(atob(textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return await new Response(stream).text();
  };
  const data = JSON.parse(await read());
  const STAGES = { ir: "translated", opt: "optimised", select: "selected", alloc: "allocated" };
  const MAX_LINES = 14, MAX_CHARACTERS = 56, LINE = 15;
  const state = { at: 0, stage: "opt", graph: true, sizes: false, pinned: -1 };

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (key === "onclick") element.addEventListener("click", value);
      else if (value !== undefined) element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  };
  const draw = (tag, attributes = {}, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const hex = (n) => n.toString(16).padStart(4, "0");

  /** A colour per wasm instruction; neighbours differ much. */
  const hue = (location) => Math.round((location * 137.508) % 360);

  /** Text with its parts in colours. */
  const coloured = (text, kind) => {
    const span = make("span", { class: "text" });
    const pattern = kind === "ir"
      ? /(![\w-]+)|(\bb\d+\b)|(\b[a-z]\w*_\w+|\b(?:jump|return|br_if|br_table|call|call_ptr|trap|select)\b)|(-?\b(?:0x[0-9a-f]+|\d[\d.e+-]*)\b)/g
      : kind === "wat"
      ? /(\bunreachable\b)|(\$\S+?(?=[\s)]|$))|(^[a-z][\w.]*)|(-?\b(?:0x[0-9a-f]+|\d[\d.e+-]*)\b)/g
      : /(![\w-]+)|(\.[LD]\d+|"[^"]*"|\bb\d+\b)|(^ *\d* ?[a-z][\w.]*)|(#?-?\b(?:0x[0-9a-f]+|\d[\d.e+-]*)\b)/g;
    const classes = ["bang", "name-token", "op", "number"];
    let from = 0;
    for (const match of text.matchAll(pattern)) {
      span.append(text.slice(from, match.index));
      const part = match.slice(1).findIndex((group) => group !== undefined);
      span.append(make("span", { class: classes[part] }, match[0]));
      from = match.index + match[0].length;
    }
    span.append(text.slice(from));
    return span;
  };

  const row = (location, ...children) => {
    const known = location >= 0;
    const element = make("div", {
      class: "row",
      "data-l": known ? location : undefined,
      style: known ? `--h:${hue(location)}` : undefined,
    }, ...children);
    return element;
  };

  const pane = (name, title, ...extra) =>
    make("section", { class: `pane ${name}` }, make("h2", {}, make("span", {}, title), ...extra));

  const fill = (element, rows, nothing) => {
    const scroll = make("div", { class: "scroll", tabindex: "0" });
    if (rows.length === 0) scroll.append(make("div", { class: "empty" }, nothing));
    scroll.append(...rows);
    element.append(scroll);
    return element;
  };

  const watPane = (view) =>
    fill(
      pane("wat", "wasm"),
      view.wat.map(([text, depth, location], n) =>
        row(
          location,
          make(
            "span",
            { class: "offset" },
            n > 0 && view.wat[n - 1][2] === location ? "" : hex(location),
          ),
          coloured("  ".repeat(depth) + text, "wat"),
        )
      ),
      "The file has no wasm code.",
    );

  const stagePane = (view, stage) => {
    const tabs = view.stages.map(({ name }) =>
      make("button", {
        "aria-selected": name === stage.name,
        "data-stage": name,
        title: `after this stage: ${STAGES[name]}`,
        onclick: () => {
          state.stage = name;
          show();
        },
      }, STAGES[name])
    );
    const kind = stage.name === "ir" || stage.name === "opt" ? "ir" : "machine";
    return fill(
      pane("stage", kind === "ir" ? "IR" : "instructions", ...tabs),
      stage.lines.map(([text, location, block]) => {
        const element = row(location, coloured(text, kind));
        element.dataset.block = block;
        return element;
      }),
      "",
    );
  };

  const codePane = (view) =>
    fill(
      pane("asm", "machine code"),
      view.code.flatMap(
        ([offset, bytes, text, label, location, isData, , remark, relocation, trap]) => {
          const rows = label === "" ? [] : [row(-1, make("span", { class: "label" }, `${label}:`))];
          const element = row(
            location,
            make("span", { class: "offset" }, hex(offset)),
            make("span", { class: "code", title: bytes }, bytes),
            isData ? make("span", { class: "text offset" }, text) : coloured(text, "asm"),
            ...(remark === "" ? [] : [make("span", { class: "remark" }, remark)]),
            ...(relocation === "" ? [] : [make("span", { class: "tag relocation" }, relocation)]),
            ...(trap === "" ? [] : [make("span", { class: "tag trap" }, trap)]),
          );
          element.dataset.offset = offset;
          rows.push(element);
          return rows;
        },
      ),
      "",
    );

  /** A polyline with round corners. */
  const pathOf = (points) => {
    let path = `M${points[0]}`;
    for (let n = 1; n < points.length - 1; n++) {
      const [x0, y0] = points[n - 1], [x, y] = points[n], [x1, y1] = points[n + 1];
      const before = Math.hypot(x - x0, y - y0), after = Math.hypot(x1 - x, y1 - y);
      const r = Math.min(9, before / 2, after / 2);
      if (r < 1) {
        path += `L${x},${y}`;
        continue;
      }
      const a = [x - (x - x0) / before * r, y - (y - y0) / before * r];
      const b = [x + (x1 - x) / after * r, y + (y1 - y) / after * r];
      path += `L${a}Q${x},${y} ${b}`;
    }
    return `${path}L${points.at(-1)}`;
  };

  const arrow = (name) =>
    draw(
      "marker",
      {
        id: `arrow-${name}`,
        class: name,
        viewBox: "0 0 8 8",
        refX: 7,
        refY: 4,
        markerWidth: 7,
        markerHeight: 7,
        orient: "auto",
      },
      draw("path", { d: "M0,0L8,4L0,8z" }),
    );

  const graphPane = (view, stage) => {
    const { graph, blocks, lines } = stage;
    const zoomed = { factor: 1 };
    const svg = draw("svg", { viewBox: `0 0 ${graph.width} ${graph.height}`, role: "img" });
    svg.setAttribute("aria-label", `control flow graph of ${view.name}`);
    const resize = () => {
      svg.setAttribute("width", graph.width * zoomed.factor);
      svg.setAttribute("height", graph.height * zoomed.factor);
    };
    const zoom = (by) => {
      zoomed.factor = Math.min(3, Math.max(0.15, zoomed.factor * by));
      resize();
    };
    svg.append(draw("defs", {}, arrow("plain"), arrow("back")));
    for (const [, , points, isBack] of graph.edges) {
      const kind = isBack ? "back" : "plain";
      svg.append(
        draw("path", { d: pathOf(points), class: kind, "marker-end": `url(#arrow-${kind})` }),
      );
    }
    graph.nodes.forEach(([x, y, width, height], n) => {
      const [, first, last] = blocks[n];
      const group = draw("g", {
        class: "node",
        transform: `translate(${x},${y})`,
        "data-block": n,
      });
      group.append(draw("rect", { width, height, rx: 5 }));
      const shown = Math.min(last - first + 1, MAX_LINES);
      for (let k = 0; k < shown; k++) {
        const [text, location] = lines[first + k];
        const cut = text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS - 1)}…` : text;
        const top = 5 + k * LINE;
        const mark = draw("rect", {
          class: "mark",
          x: 1,
          y: top,
          width: width - 2,
          height: LINE,
          rx: 2,
        });
        const line = draw("text", { x: 10, y: top + 11, class: k === 0 ? "head" : "line" }, cut);
        for (const element of [mark, line]) if (location >= 0) element.dataset.l = location;
        group.append(mark, line);
      }
      if (last - first + 1 > shown) {
        const text = `… ${last - first + 1 - shown} more`;
        group.append(draw("text", { x: 10, y: 5 + shown * LINE + 11, class: "more" }, text));
      }
      group.addEventListener("click", () => {
        const target = document.querySelector(`.stage .row[data-block="${n}"]`);
        target?.scrollIntoView({ block: "center" });
      });
      svg.append(group);
    });
    const element = pane(
      "graph",
      `control flow, ${STAGES[stage.name]}: ${blocks.length} ${
        blocks.length === 1 ? "block" : "blocks"
      }`,
      make("button", { onclick: () => zoom(1 / 1.25), "aria-label": "smaller" }, "−"),
      make("button", { onclick: () => zoom(1.25), "aria-label": "larger" }, "+"),
      make("button", {
        onclick: () => {
          const box = element.querySelector(".scroll");
          zoomed.factor = Math.min(
            1.5,
            (box.clientWidth - 4) / graph.width,
            (box.clientHeight - 4) / graph.height,
          );
          resize();
        },
      }, "fit"),
    );
    element.append(make("div", { class: "scroll", tabindex: "0" }, svg));
    resize();
    // A graph that is a little too large is shown as a whole; of a larger one the beginning.
    requestAnimationFrame(() => {
      const box = element.querySelector(".scroll");
      const whole = Math.min(box.clientWidth / graph.width, box.clientHeight / graph.height);
      zoomed.factor = Math.min(1, Math.max(0.75, whole));
      resize();
    });
    return element;
  };

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
            ...cells.map((cell) => make("td", {}, String(cell ?? "–"))),
            make(
              "td",
              { class: "meters" },
              make("span", { class: "meter", style: `width:${total ? 100 * bytes / total : 0}%` }),
            ),
          )
        ),
      ),
    );

  const sizesPane = () => {
    const { sizes, sections } = data;
    const share = (bytes, of) => of ? `${(100 * bytes / of).toFixed(1)}%` : "–";
    const file = sections.reduce((sum, { bytes }) => sum + bytes, 0);
    const largest = Math.max(1, ...sizes.functions.map(({ bytes }) => bytes));
    const most = Math.max(1, ...sizes.checks.map(({ bytes }) => bytes));
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
          f.name,
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

  // ── Highlighting ────────────────────────────────────────────────────────────────────────────

  const mark = (name, location) => {
    for (const element of document.querySelectorAll(`.${name}:not(.node)`)) {
      element.classList.remove(name);
    }
    if (location < 0) return;
    for (const element of document.querySelectorAll(`[data-l="${location}"]`)) {
      element.classList.add(name);
    }
  };
  const locationOf = (event) => {
    const element = event.target.closest?.("[data-l]");
    return element === null || element === undefined ? -1 : Number(element.dataset.l);
  };
  document.addEventListener("mouseover", (event) => mark("on", locationOf(event)));
  document.addEventListener("click", (event) => {
    const location = locationOf(event);
    if (location < 0) return;
    state.pinned = state.pinned === location ? -1 : location;
    mark("pinned", state.pinned);
    if (state.pinned < 0) return;
    const own = event.target.closest(".pane");
    for (const other of document.querySelectorAll(".pane")) {
      if (other !== own) {
        other.querySelector(".pinned")?.scrollIntoView({ block: "center", inline: "nearest" });
      }
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, select")) return;
    if (event.key === "Escape") mark("pinned", state.pinned = -1);
    if (event.key === "j" || event.key === "k") {
      const next = state.at + (event.key === "j" ? 1 : -1);
      if (data.functions[next] !== undefined) location.hash = String(next);
    }
  });

  // ── The page ────────────────────────────────────────────────────────────────────────────────

  const main = make("main");
  const list = make("ul");
  const filter = make("input", {
    type: "search",
    placeholder: "Filter functions",
    "aria-label": "Filter functions",
  });
  const largest = Math.max(1, ...data.functions.map(({ bytes }) => bytes));
  const items = data.functions.map((view, n) => {
    const link = make(
      "a",
      { href: `#${n}`, title: view.title },
      make("span", { class: "name" }, view.name),
      make("span", { class: "bytes" }, String(view.bytes)),
      make("span", { class: "bar", style: `width:${100 * view.bytes / largest}%` }),
    );
    const item = make("li", {}, link);
    if (view.isTrampoline && !data.functions[n - 1]?.isTrampoline) {
      list.append(make("li", { class: "group" }, "Trampolines"));
    }
    list.append(item);
    return { item, link, text: `${view.name} ${view.title}`.toLowerCase() };
  });
  filter.addEventListener("input", () => {
    const wanted = filter.value.toLowerCase();
    for (const { item, text } of items) item.hidden = !text.includes(wanted);
  });

  const toggle = (name, title, key) => {
    const button = make("button", {
      id: name,
      "aria-pressed": state[key],
      onclick: () => {
        state[key] = !state[key];
        button.setAttribute("aria-pressed", state[key]);
        show();
      },
    }, title);
    return button;
  };
  const theme = make("button", {
    id: "theme",
    onclick: () => {
      const root = document.documentElement;
      const isDark = root.dataset.theme === "dark" ||
        root.dataset.theme === undefined && matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = isDark ? "light" : "dark";
    },
  }, "Light / dark");

  const show = () => {
    const view = data.functions[state.at];
    items.forEach(({ link }, n) => {
      if (n === state.at) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    main.replaceChildren();
    if (state.sizes || view === undefined) {
      main.append(make("div", { class: "title" }, "Where the bytes go"), sizesPane());
      return;
    }
    const stage = view.stages.find(({ name }) => name === state.stage);
    const panes = make("div", { class: "panes" });
    if (view.wat.length > 0) panes.append(watPane(view));
    if (stage !== undefined) panes.append(stagePane(view, stage));
    panes.append(codePane(view));
    const count = panes.children.length;
    if (count < 3) panes.style.gridTemplateColumns = `repeat(${count}, minmax(0, 1fr))`;
    if (state.graph && stage !== undefined) {
      panes.classList.add("graphed");
      panes.append(graphPane(view, stage));
    }
    main.append(make("div", { class: "title" }, view.title), panes);
    mark("pinned", state.pinned);
  };

  document.body.append(
    make(
      "header",
      {},
      make("h1", {}, data.title),
      make("span", { class: "about" }, `${data.triple} · ${data.counts}`),
      make("span", { class: "space" }),
      toggle("toggle-graph", "Graph", "graph"),
      toggle("toggle-sizes", "Sizes", "sizes"),
      theme,
    ),
    make("nav", { "aria-label": "Functions" }, filter, list),
    main,
  );
  const open = () => {
    const at = Number(location.hash.slice(1));
    state.at = Number.isInteger(at) && data.functions[at] !== undefined ? at : 0;
    state.pinned = -1;
    show();
    items[state.at]?.link.scrollIntoView({ block: "nearest" });
  };
  addEventListener("hashchange", open);
  open();
})();
