/**
 * The page of `inspect --html`: one file that needs nothing else, works offline, and follows the
 * reader's light or dark theme. `page.js` and `page.css` are what the browser gets; this module puts
 * the data beside them.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import style from "./page.css" with { type: "text" };
import script from "./page.js" with { type: "text" };
import type { FunctionView, StageView } from "./function_view.ts";
import type { SizedItem, Sizes } from "./sizes.ts";

/** Longer data is compressed: that of a large module is tens of megabytes. */
const MAX_PLAIN = 1 << 20;

/** What the page is about. */
export interface PageInput {
  /** The module's file name. */
  readonly title: string;
  /** Target triple. */
  readonly triple: string;
  /** `1 function, 310 bytes`. */
  readonly counts: string;
  readonly functions: readonly FunctionView[];
  readonly sizes: Sizes;
  readonly sections: readonly SizedItem[];
}

/** The page: a whole HTML document. */
export function inspectPage(input: PageInput): string {
  const { title, functions, ...rest } = input;
  const data = { title, ...rest, functions: functions.map(compact) };
  const json = JSON.stringify(data);
  const isLong = json.length > MAX_PLAIN;
  // Nothing in the data may end the script element that holds it.
  const held = isLong
    ? gzipSync(json, { level: 6 }).toString("base64")
    : json.replaceAll("<", "\\u003c");
  const type = isLong ? "application/gzip;base64" : "application/json";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)} · ${escape(input.triple)}</title>
<style>
${style}</style>
</head>
<body>
<noscript>This page shows code that a script arranges; please allow scripts.</noscript>
<script type="${type}" id="data">${held}</script>
<script>
${script}</script>
</body>
</html>
`;
}

/** Rows as arrays: the names of their fields would be most of the page. */
function compact(view: FunctionView): unknown {
  return {
    ...view,
    wat: view.wat.map(({ text, depth, location }) => [text, depth, location]),
    code: view.code.map((row) => [
      row.offset,
      row.bytes,
      row.text,
      row.label,
      row.location ?? -1,
      row.isData ? 1 : 0,
      row.target ?? -1,
      row.remark,
      row.relocation,
      row.trap,
    ]),
    stages: view.stages.map(compactStage),
  };
}

function compactStage({ name, lines, blocks, graph }: StageView): unknown {
  const round = (n: number): number => Math.round(n);
  return {
    name,
    lines: lines.map(({ text, location, block }) => [text, location ?? -1, block]),
    blocks: blocks.map((block) => [block.name, block.first, block.last]),
    graph: {
      width: round(graph.width),
      height: round(graph.height),
      nodes: graph.nodes.map(({ x, y, width, height }) => [x, y, width, height].map(round)),
      edges: graph.edges.map(({ from, to, points, isBack }) => [
        from,
        to,
        points.map(([x, y]) => [round(x), round(y)]),
        isBack ? 1 : 0,
      ]),
    },
  };
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
