// The control flow graph of a stage: blocks with their first lines, and the edges between them. Of a
// large graph only the blocks in sight have elements, and from afar they have no text.
"use strict";
(() => {
  const { make, draw, belongs } = page;
  const MAX_LINES = 14, MAX_CHARACTERS = 56, LINE = 15;
  const LEAST = 0.05, MOST = 3;
  /** Below this magnification nobody can read. */
  const READABLE = 0.3;
  /** More blocks are drawn only where they are in sight. */
  const MANY = 200;

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

  const kinds = {
    plain: "always, or one of several cases",
    yes: "where the condition holds",
    no: "where the condition does not hold",
    back: "back to the head of a loop",
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

  const drawEdge = ([, , points, isBack, branch]) => {
    const kind = isBack ? "back" : ["yes", "no"][branch] ?? "plain";
    return draw(
      "path",
      { d: pathOf(points), class: kind, "marker-end": `url(#arrow-${kind})` },
      draw("title", {}, kinds[kind]),
    );
  };

  const drawText = (group, { lines }, [, first, last], width) => {
    const count = last - first + 1, shown = Math.min(count, MAX_LINES);
    for (let k = 0; k < shown; k++) {
      const [text, location] = lines[first + k];
      const cut = text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS - 1)}…` : text;
      const y = 5 + k * LINE;
      const mark = draw("rect", { class: "mark", x: 1, y, width: width - 2, height: LINE, rx: 2 });
      const line = draw("text", { x: 10, y: y + 11, class: k === 0 ? "head" : "line" }, cut);
      group.append(belongs(mark, location), belongs(line, location));
    }
    if (count > shown) {
      const y = 5 + shown * LINE + 11;
      group.append(draw("text", { x: 10, y, class: "more" }, `… ${count - shown} more`));
    }
  };

  const drawNode = (stage, n, isReadable) => {
    const [x, y, width, height] = stage.graph.nodes[n], block = stage.blocks[n];
    const isCold = / cold:$/.test(stage.lines[block[1]][0]);
    const group = draw("g", {
      class: isCold ? "node cold" : "node",
      transform: `translate(${x},${y})`,
      "data-block": n,
    }, draw("rect", { width, height, rx: 5 }));
    if (isReadable) drawText(group, stage, block, width);
    group.addEventListener("click", () => {
      document.querySelector(".pane.stage")?.showRow(block[1]);
    });
    return group;
  };

  /** Keeps the blocks that are in sight drawn; returns what does so. */
  const blocksInSight = (svg, box, stage) => {
    const { nodes } = stage.graph, isLarge = nodes.length > MANY;
    const drawn = new Map();
    let wasReadable = true;
    return (factor) => {
      const isReadable = !isLarge || factor >= READABLE;
      if (isReadable !== wasReadable) {
        for (const group of drawn.values()) page.discard(group);
        drawn.clear();
        wasReadable = isReadable;
      }
      const left = box.scrollLeft / factor - 300, top = box.scrollTop / factor - 300;
      const right = left + box.clientWidth / factor + 600;
      const bottom = top + box.clientHeight / factor + 600;
      nodes.forEach(([x, y, width, height], n) => {
        const isInSight = !isLarge || !isReadable ||
          (x < right && x + width > left && y < bottom && y + height > top);
        const group = drawn.get(n);
        if (isInSight && group === undefined) {
          const made = drawNode(stage, n, isReadable);
          drawn.set(n, made);
          svg.append(made);
        } else if (!isInSight && group !== undefined) {
          page.discard(group);
          drawn.delete(n);
        }
      });
    };
  };

  /** Moves the graph with the pointer, and zooms with the wheel and Control. */
  const navigate = (box, zoom) => {
    box.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.target.closest("g.node")) return;
      box.setPointerCapture(event.pointerId);
      box.classList.add("dragged");
      const move = ({ movementX, movementY }) => box.scrollBy(-movementX, -movementY);
      box.addEventListener("pointermove", move);
      box.addEventListener("pointerup", () => {
        box.removeEventListener("pointermove", move);
        box.classList.remove("dragged");
      }, { once: true });
    });
    box.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 300));
    }, { passive: false });
  };

  /** The graph of a stage of a function. */
  page.graphPane = (view, stage) => {
    const { graph, blocks, lines } = stage;
    let factor = 1;
    const svg = draw("svg", { viewBox: `0 0 ${graph.width} ${graph.height}`, role: "img" });
    svg.setAttribute("aria-label", `control flow graph of ${view.name}`);
    const box = make("div", { class: "scroll", tabindex: "0" }, svg);
    const paint = blocksInSight(svg, box, stage);
    const resize = (to) => {
      factor = Math.min(MOST, Math.max(LEAST, to));
      svg.setAttribute("width", graph.width * factor);
      svg.setAttribute("height", graph.height * factor);
      paint(factor);
    };
    const zoom = (by) => {
      // What is in the middle stays there.
      const x = (box.scrollLeft + box.clientWidth / 2) / factor;
      const y = (box.scrollTop + box.clientHeight / 2) / factor;
      resize(factor * by);
      box.scrollTo(x * factor - box.clientWidth / 2, y * factor - box.clientHeight / 2);
    };
    const whole = () =>
      Math.min((box.clientWidth - 4) / graph.width, (box.clientHeight - 4) / graph.height);
    svg.append(
      draw("defs", {}, ...Object.keys(kinds).map(arrow)),
      ...graph.edges.map(drawEdge),
    );
    navigate(box, zoom);
    box.addEventListener("scroll", () => paint(factor));
    const element = page.pane(
      "graph",
      `control flow, ${page.STAGES[stage.name]}: ${page.plural(blocks.length, "block")}`,
      make("button", { onclick: () => zoom(1 / 1.25), "aria-label": "smaller" }, "−"),
      make("button", { onclick: () => zoom(1.25), "aria-label": "larger" }, "+"),
      make("button", { onclick: () => resize(Math.min(1.5, whole())) }, "fit"),
    );
    element.append(box);
    const centre = (n) => {
      const [x, y, width, height] = graph.nodes[n];
      box.scrollTo(
        (x + width / 2) * factor - box.clientWidth / 2,
        (y + Math.min(height, 200) / 2) * factor - box.clientHeight / 2,
      );
      paint(factor);
    };
    page.register(element, [], (location) => {
      const block = lines.find(([, place, n]) => place === location && n >= 0)?.[2];
      if (block !== undefined) centre(block);
    });
    // A graph that is a little too large is shown as a whole; of a larger one the beginning.
    requestAnimationFrame(() => {
      resize(Math.min(1, Math.max(0.75, whole())));
      if (page.state.at >= 0) page.pin(page.state.at);
      else if (graph.nodes.length > 0) {
        const [x, , width] = graph.nodes[0];
        box.scrollLeft = (x + width / 2) * factor - box.clientWidth / 2;
        paint(factor);
      }
    });
    return element;
  };
})();
