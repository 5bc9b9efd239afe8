/**
 * The page of `inspect --html`: one file that needs nothing else, works offline, and follows the
 * reader's light or dark theme. What the browser gets is in `page/`; this module puts the data beside
 * it.
 *
 * The data is an index of the functions, and chunks of some functions each, which the page reads when
 * one of them is looked at: the data of a large module is more than a hundred megabytes.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import frameStyle from "./page/frame.css" with { type: "text" };
import narrowStyle from "./page/narrow.css" with { type: "text" };
import paneStyle from "./page/panes.css" with { type: "text" };
import dataScript from "./page/data.js" with { type: "text" };
import domScript from "./page/dom.js" with { type: "text" };
import functionsScript from "./page/functions.js" with { type: "text" };
import graphScript from "./page/graph.js" with { type: "text" };
import highlightScript from "./page/highlight.js" with { type: "text" };
import mainScript from "./page/main.js" with { type: "text" };
import panesScript from "./page/panes.js" with { type: "text" };
import rowsScript from "./page/rows.js" with { type: "text" };
import sizesScript from "./page/sizes.js" with { type: "text" };
import type { FunctionView, StageView } from "./function_view.ts";
import type { SizedItem, Sizes } from "./sizes.ts";

/** Characters of a chunk, about. */
const CHUNK = 1 << 20;
/** In the order in which they run. */
const scripts: readonly string[] = [
  domScript,
  dataScript,
  highlightScript,
  rowsScript,
  panesScript,
  graphScript,
  sizesScript,
  functionsScript,
  mainScript,
];

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
  const chunks: string[][] = [[]];
  let length = 0;
  const index = functions.map((view) => {
    const body = JSON.stringify(bodyOf(view));
    if (length > 0 && length + body.length > CHUNK) {
      chunks.push([]);
      length = 0;
    }
    length += body.length;
    const chunk = chunks.at(-1) as string[];
    chunk.push(body);
    return { ...headOf(view), chunk: chunks.length - 1, at: chunk.length - 1 };
  });
  const isLong = chunks.length > 1;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)} · ${escape(input.triple)}</title>
<style>
${frameStyle}${paneStyle}${narrowStyle}</style>
</head>
<body>
<noscript>This page shows code that a script arranges; please allow scripts.</noscript>
${held("data", JSON.stringify({ title, ...rest, functions: index }), isLong)}
${chunks.map((chunk, n) => held(`chunk-${n}`, `[${chunk.join(",")}]`, isLong)).join("\n")}
${scripts.map((script) => `<script>\n${script}</script>`).join("\n")}
</body>
</html>
`;
}

/** Data in an element that does not run; of a large page it is compressed. */
function held(id: string, json: string, isCompressed: boolean): string {
  const type = isCompressed ? "application/gzip;base64" : "application/json";
  const text = isCompressed
    ? gzipSync(json, { level: 6 }).toString("base64")
    // Nothing in the data may end the element that holds it.
    : json.replaceAll("<", "\\u003c");
  return `<script type="${type}" id="${id}">${text}</script>`;
}

/** What the list of functions and the title show. */
function headOf({ wat: _wat, stages: _stages, code: _code, ...head }: FunctionView): object {
  return head;
}

/** Rows as arrays: the names of their fields would be most of the page. */
function bodyOf({ wat, stages, code }: FunctionView): object {
  return {
    wat: wat.map(({ text, depth, location }) => [text, depth, location]),
    code: code.map((row) => [
      row.offset,
      row.bytes,
      row.text,
      row.label,
      row.location ?? -1,
      row.isData ? 1 : 0,
      row.remark,
      row.relocation,
      row.trap,
    ]),
    stages: stages.map(compactStage),
  };
}

function compactStage({ name, lines, blocks, graph }: StageView): object {
  const round = (n: number): number => Math.round(n);
  return {
    name,
    lines: lines.map(({ text, location, block }) => [text, location ?? -1, block]),
    blocks: blocks.map((block) => [block.name, block.first, block.last]),
    graph: {
      width: round(graph.width),
      height: round(graph.height),
      nodes: graph.nodes.map(({ x, y, width, height }) => [x, y, width, height].map(round)),
      edges: graph.edges.map(({ from, to, points, isBack }) => {
        const { successors } = blocks[from] as { successors: readonly number[] };
        return [
          from,
          to,
          points.map(([x, y]) => [round(x), round(y)]),
          isBack ? 1 : 0,
          // Of two, the first is where a condition that holds leads.
          successors.length === 2 ? successors.indexOf(to) : -1,
        ];
      }),
    },
  };
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
