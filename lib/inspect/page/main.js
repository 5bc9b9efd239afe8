// Puts the page together, and keeps what is shown in step with the address: `#function=3`,
// `#symbol=wasm_builtin_memory_grow`, with `&stage=alloc` and `&at=1f2`, a place of the module; or
// `#sizes`.
"use strict";
(async () => {
  const { make } = page;
  await page.load();
  const { data } = page;
  const state = page.state = {
    current: 0,
    stage: "opt",
    graph: true,
    sizes: false,
    at: -1,
    missing: "",
  };
  const main = make("main");

  /** The address of what is shown. */
  const address = () => {
    if (state.sizes) return "#sizes";
    const head = data.functions[state.current];
    if (head === undefined) return "#";
    return `#${page.addressOf(head)}` + (state.stage === "opt" ? "" : `&stage=${state.stage}`) +
      (state.at < 0 ? "" : `&at=${state.at.toString(16)}`);
  };
  /** Lets the address say what is shown now, without a step back to it. */
  page.remember = () => history.replaceState(null, "", address());

  const chip = (text) => make("span", { class: "chip" }, text);
  const title = (view) =>
    make(
      "div",
      { class: "title", title: view.title },
      ...(state.missing === ""
        ? []
        : [make("span", { class: "chip missing" }, `there is no ${state.missing} here; this is`)]),
      page.named("h2", "", view.name),
      make("code", {}, view.signature),
      make(
        "span",
        { class: "chips" },
        chip(page.plural(view.bytes, "byte")),
        chip(page.plural(view.instructions, "instruction")),
        chip(view.frame < 0 ? "no frame" : `frame ${view.frame}`),
        ...(view.spills > 0 ? [chip(`${view.spills} to and from spill slots`)] : []),
        chip(view.symbol),
      ),
    );

  /** The line between the columns and the graph, which can be moved. */
  const splitter = (panes) =>
    make("div", {
      class: "splitter",
      role: "separator",
      title: "drag to resize",
      onpointerdown: (event) => {
        const { target, pointerId } = event;
        target.setPointerCapture(pointerId);
        const move = ({ clientY }) => {
          const { top, bottom, height } = panes.getBoundingClientRect();
          const share = Math.min(0.9, Math.max(0.1, (bottom - clientY) / height));
          if (clientY > top) {
            document.documentElement.style.setProperty("--graph", `${100 * share}%`);
          }
        };
        target.addEventListener("pointermove", move);
        target.addEventListener(
          "pointerup",
          () => target.removeEventListener("pointermove", move),
          {
            once: true,
          },
        );
      },
    });

  let shown = 0;
  const show = async () => {
    const turn = ++shown;
    toggles.graph.setAttribute("aria-pressed", state.graph);
    toggles.sizes.setAttribute("aria-pressed", state.sizes);
    page.markCurrent(state.sizes ? -1 : state.current);
    const view = state.sizes || data.functions.length === 0
      ? undefined
      : await page.functionAt(state.current);
    // Somebody may have gone on while the data was read.
    if (turn !== shown) return;
    page.forgetLines();
    if (view === undefined) {
      main.replaceChildren(
        make("div", { class: "title" }, make("h2", {}, "Where the bytes go")),
        page.sizesPane(),
      );
      return;
    }
    const stage = view.stages.find(({ name }) => name === state.stage) ?? view.stages.at(-1);
    const columns = make("div", { class: "columns" });
    if (view.wat.length > 0) columns.append(page.watPane(view));
    if (stage !== undefined) columns.append(page.stagePane(view, stage));
    columns.append(page.codePane(view));
    columns.dataset.count = columns.children.length;
    const panes = make("div", { class: "panes" }, columns);
    if (state.graph && stage !== undefined) {
      panes.append(splitter(panes), page.graphPane(view, stage));
    }
    main.replaceChildren(title(view), panes);
    document.title = `${view.name} · ${data.title} · ${data.triple}`;
    if (state.at >= 0) page.pin(state.at);
  };

  page.showStage = (name) => {
    state.stage = name;
    page.remember();
    return show();
  };

  // ── The address ─────────────────────────────────────────────────────────────────────────────

  const open = () => {
    const wanted = new URLSearchParams(location.hash.slice(1));
    const index = wanted.get("function"), symbol = wanted.get("symbol");
    const found = data.functions.findIndex((head) =>
      index !== null ? head.index === Number(index) : head.symbol === symbol
    );
    state.sizes = wanted.has("sizes");
    if (!state.sizes) state.current = Math.max(0, found);
    const asked = index === null ? symbol : `function ${index}`;
    state.missing = found < 0 && asked !== null ? asked : "";
    const stage = wanted.get("stage");
    if (Object.hasOwn(page.STAGES, stage)) state.stage = stage;
    const at = parseInt(wanted.get("at") ?? "", 16);
    state.at = Number.isNaN(at) ? -1 : at;
    return show();
  };
  addEventListener("hashchange", open);

  // ── The head of the page ────────────────────────────────────────────────────────────────────

  const toggle = (name, text, key) =>
    make("button", {
      id: `toggle-${name}`,
      title: `key ${key}`,
      onclick: () => {
        state[name] = !state[name];
        page.remember();
        return show();
      },
    }, text);
  const toggles = { graph: toggle("graph", "Graph", "g"), sizes: toggle("sizes", "Sizes", "s") };
  const keys = [
    ["/", "find a function; Enter opens the first"],
    ["j  k", "next and previous function"],
    ["n  p", "next and previous wasm instruction"],
    ["1 – 4", "a stage: translated, optimised, selected, allocated"],
    ["g", "control flow graph"],
    ["s", "where the bytes go"],
    ["Esc", "nothing is held"],
  ];
  const help = make(
    "dialog",
    { onclick: (event) => event.target === help && help.close() },
    make("h2", {}, "Keys"),
    make("dl", {}, ...keys.flatMap(([key, what]) => [make("dt", {}, key), make("dd", {}, what)])),
    make(
      "p",
      {},
      "A click on a line holds it and what belongs to it in the other columns. The address of the page " +
        "says what is shown: copy it to share a place.",
    ),
    make("button", { onclick: () => help.close() }, "Close"),
  );
  const theme = () => {
    const root = document.documentElement;
    const isDark = root.dataset.theme === "dark" ||
      root.dataset.theme === undefined && matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
  };

  const stages = Object.keys(page.STAGES);
  const actions = {
    "/": page.focusFilter,
    "?": () => help.showModal(),
    g: () => toggles.graph.click(),
    s: () => toggles.sizes.click(),
    n: () => page.step(1),
    p: () => page.step(-1),
    Escape: () => page.pin(-1),
  };
  document.addEventListener("keydown", (event) => {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    if (target.matches("input, select, dialog *") || ctrlKey || metaKey || altKey) return;
    if (key === "j" || key === "k") {
      const next = page.neighbour(state.current, key === "j" ? 1 : -1);
      if (next !== undefined) {
        // The next key may come before the event that the new address causes.
        state.current = next;
        location.hash = page.addressOf(data.functions[next]);
      }
    } else if (stages[Number(key) - 1] !== undefined) page.showStage(stages[Number(key) - 1]);
    else if (actions[key] === undefined) return;
    else actions[key]();
    event.preventDefault();
  });

  document.body.append(
    make(
      "header",
      {},
      make("h1", {}, data.title),
      make("span", { class: "about" }, `${data.triple} · ${data.counts}`),
      make(
        "span",
        { class: "actions" },
        toggles.graph,
        toggles.sizes,
        make("button", { id: "theme", onclick: theme }, "Light / dark"),
        make(
          "button",
          { id: "help", "aria-label": "Keys", title: "key ?", onclick: actions["?"] },
          "?",
        ),
      ),
    ),
    page.functionList(),
    main,
    help,
  );
  await open();
})();
