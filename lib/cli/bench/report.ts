/**
 * Results as tables for people. No table is wider than 120 columns, and none is shown that would be
 * empty.
 *
 * @module
 */
import {
  instructionsOverGcc,
  type Mean,
  meansOf,
  SMALL_PROGRAM,
  type TargetMeans,
  textOverWasm,
  throughputOver,
  throughputOverV8,
} from "./means.ts";
import type { PeerFigures } from "./peers/peer.ts";
import type { BenchResult } from "./result.ts";
import { ratio } from "./statistics.ts";
import { type Column, formatNumber, formatTable } from "../../inspect/table.ts";

/** All tables that have something to say, ending in a newline; empty without results. */
export function formatReport(results: readonly BenchResult[]): string {
  const parts = [
    section("code", results, codeColumns, { isShown: (r) => r.textBytes !== null }),
    section("compiling", results, compileColumns, {
      isShown: (r) => r.compileMs !== null || r.firstCompileMs !== null || r.threads !== null,
    }),
    formatStages(results),
    section("running", results, runColumns, {
      isShown: (r) => r.runMs !== null || r.coldProcessMs !== null,
    }),
    formatPeers(results),
    formatMeans(results),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function section<Row>(
  title: string,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { isShown = () => true, note = "" }: { isShown?: (row: Row) => boolean; note?: string } = {},
): string {
  const shown = rows.filter(isShown);
  if (shown.length === 0) return "";
  return `── ${title} ──\n${formatTable(columns, shown)}${note}`;
}

const left = <Row>(title: string, cell: (row: Row) => string): Column<Row> => ({
  title,
  cell,
  align: "left",
});
const right = <Row>(
  title: string,
  value: (row: Row) => number | null,
  decimals = 0,
): Column<Row> => ({
  title,
  cell: (row) => formatNumber(value(row), decimals),
  align: "right",
});

const places: readonly Column<BenchResult>[] = [
  left("module", (r) => r.module),
  left("target", (r) => r.target),
];

const codeColumns: readonly Column<BenchResult>[] = [
  ...places,
  right("wasm\nbytes", (r) => r.wasmCodeBytes),
  right("text\nbytes", (r) => r.textBytes),
  right("text\n/wasm", textOverWasm, 2),
  right("spills", (r) => r.spills),
  right("reloads", (r) => r.reloads),
  right("moves", (r) => r.moves),
  right("guest\ninstructions", (r) => r.guestInstructions),
  right("/gcc", instructionsOverGcc, 2),
];

const mebibytes = (kib: number | null): number | null => kib === null ? null : kib / 1024;

const compileColumns: readonly Column<BenchResult>[] = [
  ...places,
  right("warm\nms", (r) => r.compileMs, 1),
  right("CPU\nms", (r) => r.compileCpuMs, 1),
  right("warm\nMB/s", (r) => r.mbPerSecond, 2),
  right("over\nTurboFan", throughputOverV8, 2),
  right("first\nms", (r) => r.firstCompileMs, 1),
  right("CPU\nms", (r) => r.firstCompileCpuMs, 1),
  right("threads", (r) => r.threads),
  right("theirs\nms", (r) => r.threadsCompileMs, 1),
  right("speed-up", (r) => r.threadsSpeedUp, 2),
  right("peak\nMiB", (r) => mebibytes(r.peakCompileKib)),
];

const runColumns: readonly Column<BenchResult>[] = [
  ...places,
  right("region\nms", (r) => r.runMs, 1),
  right("cold\nprocess ms", (r) => r.coldProcessMs),
  right("cached\nprocess ms", (r) => r.warmProcessMs),
  right("V8's\nprocess ms", (r) => r.v8ProcessMs),
  right("cold\n/V8", (r) => r.coldProcessRatio, 2),
  right("cached\n/V8", (r) => r.warmProcessRatio, 2),
  right("peak\nMiB", (r) => mebibytes(r.peakRunKib)),
];

// ── Stages ──────────────────────────────────────────────────────────────────────────────────────

/** Shares of the stages, and of the passes, in the compile time of all modules of a target. */
function formatStages(results: readonly BenchResult[]): string {
  const lines: string[] = [];
  for (const target of new Set(results.map((result) => result.target))) {
    const own = results.filter((result) => result.target === target);
    const stages = sumTimes(own.map((result) => result.stages));
    const passes = sumTimes(own.map((result) => result.passes));
    const total = [...stages.values()].reduce((sum, ms) => sum + ms, 0);
    if (total === 0) continue;
    const shares = (times: ReadonlyMap<string, number>): string =>
      [...times].map(([name, ms]) => `${name} ${(100 * ms / total).toFixed(1)}`).join(", ");
    const sorted = new Map([...passes].sort(([, a], [, b]) => b - a));
    lines.push(
      ...wrap(`${target}, stages: ${shares(stages)}`),
      ...wrap(`${target}, passes of optimize: ${shares(sorted)}`),
    );
  }
  return lines.length === 0
    ? ""
    : `── where compile time goes, in % of all modules' ──\n${lines.join("\n")}\n`;
}

function sumTimes(
  all: readonly (Readonly<Record<string, number>> | null)[],
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const times of all) {
    for (const [name, ms] of Object.entries(times ?? {})) {
      sums.set(name, (sums.get(name) ?? 0) + ms);
    }
  }
  return sums;
}

const LINE_WIDTH = 120;

/** Lines of a text that is broken at commas. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of text.split(", ")) {
    if (line !== "" && line.length + piece.length + ", ,".length > LINE_WIDTH) {
      lines.push(line + ",");
      line = "    " + piece;
    } else line = line === "" ? piece : `${line}, ${piece}`;
  }
  return [...lines, line];
}

// ── Peers ───────────────────────────────────────────────────────────────────────────────────────

interface PeerRow {
  readonly result: BenchResult;
  readonly figures: PeerFigures;
}

const peerColumns: readonly Column<PeerRow>[] = [
  left("module", ({ result }) => result.module),
  left("ours", ({ result }) => result.target),
  left("peer", ({ figures }) => figures.peer),
  left("its target", ({ figures }) => figures.target ?? ""),
  right("compile\nms", ({ figures }) => figures.compileMs, 1),
  right("CPU\nms", ({ figures }) => figures.compileCpuMs, 1),
  right("MB/s", ({ result, figures }) => ratio(result.wasmCodeBytes, bytesPerMb(figures)), 2),
  right("ours\n/its", ({ result, figures }) => throughputOver(result, figures), 2),
  right("code\nbytes", ({ figures }) => figures.codeBytes),
  right("code\n/wasm", ({ result, figures }) => ratio(figures.codeBytes, result.wasmCodeBytes), 2),
  right("region\nms", ({ figures }) => figures.runMs, 1),
];

/** A divisor that makes megabytes per second of bytes. */
function bytesPerMb({ compileMs, compileCpuMs }: PeerFigures): number | null {
  const ms = compileCpuMs ?? compileMs;
  return ms === null ? null : ms * 1e3;
}

function formatPeers(results: readonly BenchResult[]): string {
  const rows = results.flatMap((result) =>
    (result.peers ?? []).map((figures) => ({ result, figures }))
  );
  const skipped = new Map<string, number>();
  for (const { figures: { peer, skipped: reason } } of rows) {
    if (reason === undefined) continue;
    const text = `${peer}: ${reason}`;
    skipped.set(text, (skipped.get(text) ?? 0) + 1);
  }
  const notes = Array.from(
    skipped,
    ([text, times]) => `skipped ${text}${times > 1 ? ` (${times} times)` : ""}\n`,
  ).join("");
  const table = section("peers", rows, peerColumns, {
    isShown: ({ figures }) => figures.skipped === undefined,
    note: "ours/its: our warm throughput on one thread over the peer's\n",
  });
  return table + notes;
}

// ── Means ───────────────────────────────────────────────────────────────────────────────────────

const mean = (title: string, value: (row: TargetMeans) => Mean): Column<TargetMeans> => ({
  title,
  cell: (row) => {
    const { value: number, modules } = value(row);
    return number === null ? "-" : `${number.toFixed(2)} (${modules})`;
  },
  align: "right",
});

const meanColumns: readonly Column<TargetMeans>[] = [
  left("target", (row) => row.target),
  left("modules", (row) => row.set === "peers" ? `${row.modules} of the peers` : `${row.modules}`),
  mean("instructions\n/gcc", (row) => row.instructions),
  mean("text\n/wasm", (row) => row.size),
  mean("throughput\n/TurboFan", (row) => row.throughput),
  mean("threads\nspeed-up", (row) => row.threads),
  mean("cold start\n/V8", (row) => row.coldStart),
  mean("cached start\n/V8", (row) => row.warmStart),
];

function formatMeans(results: readonly BenchResult[]): string {
  return section("geometric means (of how many modules)", meansOf(results), meanColumns, {
    isShown: ({ instructions, size, throughput, threads, coldStart }) =>
      [instructions, size, throughput, threads, coldStart].some(({ value }) => value !== null),
    note:
      "TurboFan: without inlining. Start: whole processes of programs that execute fewer than " +
      `${formatNumber(SMALL_PROGRAM)} instructions.\n`,
  });
}
