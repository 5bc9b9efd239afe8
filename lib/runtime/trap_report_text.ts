/**
 * Reports as text: what `run` prints when it is not asked for JSON.
 *
 * @module
 */
import type { SourceFrame } from "../debug/source_frames.ts";
import { PAGE_BYTES } from "./externals.ts";
import type { CodeLine, MachineReport } from "./machine_report.ts";
import type { OmittedFrames } from "./stack_frame.ts";
import type { MemoryEvidence, SegmentEvidence, TableEvidence } from "./trap_evidence.ts";
import type { FrameReport, HostErrorReport, TrapReport, WasmFrameReport } from "./trap_report.ts";

/** The report of a trap as text. No newline at its end. */
export function renderTrapReport(report: TrapReport): string {
  const { memory, table, segment, indirectCall, machine } = report;
  const lines = [`trap: ${report.message} (${report.kind})`];
  if (memory) lines.push("  " + describeAccess(memory));
  if (table) lines.push("  " + describeTableAccess(table));
  if (segment) lines.push("  " + describeSegmentAccess(segment));
  if (indirectCall) lines.push("  " + describeIndirectCall(indirectCall));
  lines.push(...renderFrames(report.frames, report.operator));
  if (machine) {
    // A null reference faults as well, but its page tells nothing.
    const isMemoryFault = report.kind === "memoryOutOfBounds" ||
      report.kind === "callStackExhausted";
    lines.push(...renderMachine(machine, isMemoryFault && !memory));
  }
  return lines.join("\n");
}

/** The report of an error of the host as text. No newline at its end. */
export function renderHostErrorReport({ message, frames, machine }: HostErrorReport): string {
  return [
    `host error: ${message}`,
    ...renderFrames(frames),
    ...(machine ? renderMachine(machine, false) : []),
  ].join("\n");
}

/** A backtrace as text. No newline at its end. */
export function renderBacktrace(frames: readonly FrameReport[]): string {
  return renderFrames(frames).join("\n");
}

// ── What is known of a trap ─────────────────────────────────────────────────────────────────────

function describeAccess(access: MemoryEvidence): string {
  const { memory, operation = "access", address, byteLength, memoryBytes } = access;
  const beyond = address === memoryBytes
    ? "just beyond its end"
    : address > memoryBytes
    ? `${count(address - memoryBytes, "byte")} beyond its end`
    : `the last ${count(address + byteLength - memoryBytes, "byte")} beyond its end`;
  return `${operation} of ${count(byteLength, "byte")} at address ${hex(address)} of memory ` +
    `${memory}, ${beyond} ` +
    `(the memory has ${hex(memoryBytes)} bytes: ${count(memoryBytes / PAGE_BYTES, "page")})`;
}

function describeTableAccess({ table, index, count: n, tableLength }: TableEvidence): string {
  const what = n !== 1
    ? `${count(n, "element")}${index === undefined ? "" : ` from ${index} on`}`
    : index === undefined
    ? "an element"
    : `element ${index}`;
  return `access of ${what} of table ${table} (${count(tableLength, "element")})`;
}

function describeSegmentAccess(access: SegmentEvidence): string {
  const { kind, segment, start, count: n, length } = access;
  const unit = kind === "data" ? "byte" : "element";
  return `use of ${count(n, unit)} from ${start} on of ${kind} segment ${segment} ` +
    `(${count(length, unit)})`;
}

function describeIndirectCall(call: NonNullable<TrapReport["indirectCall"]>): string {
  const { table, tableLength, index, candidates, expected, found, functionName } = call;
  const element = index !== undefined
    ? `element ${index}`
    : candidates !== undefined
    ? `one of the elements ${candidates.join(", ")}`
    : "an element";
  const length = tableLength === undefined ? "" : ` (${count(tableLength, "element")})`;
  const name = functionName === undefined ? "" : ` (${functionName})`;
  const actual = found === undefined ? "" : `, found ${found}${name}`;
  return `indirect call of ${element} of table ${table}${length}: expected ${expected}${actual}`;
}

/** `1 byte`, `2 bytes`. */
function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

// ── Backtraces ──────────────────────────────────────────────────────────────────────────────────

function renderFrames(frames: readonly FrameReport[], operator?: string): string[] {
  const lines: string[] = [];
  let depth = 0, operatorOfNext = operator;
  for (const frame of frames) {
    const label = `  ${depth}: `;
    if (frame.kind === "omitted") {
      lines.push(`${" ".repeat(label.length)}... ${describeOmitted(frame)}`);
      depth += frame.count;
      continue;
    }
    depth++;
    if (frame.kind === "host") {
      lines.push(`${label}${frame.functionName ?? "(unnamed)"} (host function)`);
      continue;
    }
    lines.push(...renderWasmFrame(frame, label, operatorOfNext));
    operatorOfNext = undefined;
  }
  return lines;
}

function describeOmitted({ count: n, period }: OmittedFrames): string {
  if (period === 0) return `${n} frames`;
  const times = n / period;
  return `the ${period === 1 ? "frame" : `${period} frames`} above ${count(times, "more time")}`;
}

function renderWasmFrame(frame: WasmFrameReport, label: string, operator?: string): string[] {
  const lines: string[] = [];
  const indent = " ".repeat(label.length);
  const own = frame.source.find((place) => !place.inlined);
  let head = label;
  for (const place of frame.source) {
    if (!place.inlined) continue;
    lines.push(`${head}${place.functionName ?? "(unknown function)"} (inlined)`);
    if (place.file !== undefined) lines.push(`${indent}    at ${describePlace(place)}`);
    head = indent;
  }
  lines.push(head + describeFrame(frame, own?.functionName, operator));
  if (own?.file !== undefined) lines.push(`${indent}    at ${describePlace(own)}`);
  return lines;
}

/** `name!function (func[3]) at wasm offset 0x1f2: i32.load`. */
function describeFrame(
  frame: WasmFrameReport,
  sourceName: string | undefined,
  operator: string | undefined,
): string {
  const { functionIndex, functionName, moduleName, wasmOffset } = frame;
  const name = functionName ?? sourceName;
  const number = `func[${functionIndex}]`;
  return (moduleName === undefined ? "" : moduleName + "!") +
    (name === undefined ? number : `${name} (${number})`) +
    (wasmOffset === undefined ? "" : ` at wasm offset ${hex(wasmOffset)}`) +
    (operator === undefined ? "" : `: ${operator}`);
}

function describePlace({ file, line, column }: SourceFrame): string {
  return `${file}${line === undefined ? "" : `:${line}`}${
    column === undefined ? "" : `:${column}`
  }`;
}

// ── Machine code ────────────────────────────────────────────────────────────────────────────────

function renderMachine(machine: MachineReport, showsPage: boolean): string[] {
  const { pc, instruction, faultPage, code } = machine;
  return [
    `  pc ${pc}: ${instruction || "(unknown instruction)"}`,
    ...(showsPage && faultPage !== undefined ? [`  faulting page ${faultPage}`] : []),
    ...renderCode(code),
  ];
}

function renderCode(code: readonly CodeLine[]): string[] {
  const addresses = Math.max(0, ...code.map(({ address }) => address.length));
  const bytes = Math.max(0, ...code.map((line) => line.bytes.length));
  const lines: string[] = [];
  let next: number | undefined;
  for (const line of code) {
    const address = Number(line.address);
    if (next !== undefined && address !== next) lines.push("      ...");
    next = address + (line.bytes.length + 1) / 3;
    const mark = line.isFault ? ">" : " ";
    lines.push(
      `    ${mark} ${line.address.padStart(addresses)}  ${line.bytes.padEnd(bytes)}  ${line.text}`,
    );
  }
  return lines;
}

function hex(value: number): string {
  return "0x" + value.toString(16);
}
