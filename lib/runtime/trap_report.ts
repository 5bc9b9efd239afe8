/**
 * Reports of traps and backtraces: as data, which is also what `--json` prints, and as text. Source
 * positions, demangled names and disassembly are looked up here, when a report is made.
 *
 * @module
 */
import { type TrapKindName, trapKindNames } from "../base/trap_kind.ts";
import type { RuntimeIsa } from "../codegen/isa.ts";
import { type Demangle, keepMangled } from "../debug/demangle.ts";
import { DebugInfo, type SourceFrame } from "../debug/source_frames.ts";
import { mapPath, type PathMapping } from "../debug/source_path.ts";
import { moduleOf } from "./backtrace.ts";
import type { Module } from "./module.ts";
import type { Frame, IndirectCallEvidence, MachineState, MemoryEvidence, Trap } from "./trap.ts";
import { describeFunctionType } from "./values.ts";

/** How a report is made. */
export interface ReportOptions {
  /** Turns mangled names into readable ones; `loadDemangler` gives one. */
  readonly demangle?: Demangle;
  /** Where the sources are now. */
  readonly pathMappings?: readonly PathMapping[];
}

/** A wasm function on the stack, with its source. */
export interface FrameReport {
  /** In the module's function index space. */
  readonly functionIndex: number;
  /** Readable; absent when nothing names the function. */
  readonly functionName?: string;
  /** From the name section, absent without one. */
  readonly moduleName?: string;
  /** Byte offset in the module. */
  readonly wasmOffset?: number;
  /**
   * The source, innermost first: functions that were inlined, then the function itself. Empty
   * without debug information.
   */
  readonly source: readonly SourceFrame[];
}

/** A line of disassembly. */
export interface CodeLine {
  /** Guest address. */
  readonly address: string;
  /** The instruction's bytes in hexadecimal. */
  readonly bytes: string;
  /** Mnemonic and operands. */
  readonly text: string;
  /** Whether the trap happened here. */
  readonly isFault: boolean;
}

/** A trap as data. Addresses of the guest are hexadecimal texts. */
export interface TrapReport {
  /** The kind by name. */
  readonly kind: TrapKindName;
  /** The kind in the words of the specification. */
  readonly message: string;
  /** The access that failed. */
  readonly memory?: MemoryEvidence;
  /** The indirect call that failed; types as text, as in `(i32) -> (i32)`. */
  readonly indirectCall?: {
    readonly table: number;
    readonly tableLength?: number;
    readonly index?: number;
    readonly expected: string;
    readonly found?: string;
    readonly functionName?: string;
  };
  /** The wasm functions on the stack, innermost first. */
  readonly frames: readonly FrameReport[];
  /** Absent when a builtin found the trap, not an instruction. */
  readonly machine?: {
    readonly pc: string;
    readonly instruction: string;
    readonly faultPage?: string;
    /** The code around the check that failed, and around the trap itself. */
    readonly code: readonly CodeLine[];
  };
}

/** Bytes of a page of linear memory. */
const PAGE_BYTES = 65536;
/** Lines of code shown before and after an instruction of interest. */
const LINES_BEFORE = 2, LINES_AFTER = 2;

/** All that is known of a trap. */
export function trapReport(trap: Trap, options: ReportOptions = {}): TrapReport {
  const { machine, evidence } = trap;
  const innermost = trap.frames[0];
  return {
    kind: trapKindNames[trap.kind] as TrapKindName,
    message: trap.message,
    ...(evidence.memory && { memory: evidence.memory }),
    ...(evidence.indirectCall && {
      indirectCall: indirectCallReport(evidence.indirectCall, options),
    }),
    frames: backtraceReport(trap.frames, options),
    ...(machine && {
      machine: {
        pc: hex(machine.pc),
        instruction: machine.instruction,
        ...(machine.faultPage !== undefined && { faultPage: hex(machine.faultPage) }),
        code: innermost === undefined ? [] : codeAround(machine, innermost),
      },
    }),
  };
}

function indirectCallReport(
  { expected, found, functionName, ...rest }: IndirectCallEvidence,
  { demangle = keepMangled }: ReportOptions,
): TrapReport["indirectCall"] {
  return {
    ...rest,
    expected: describeFunctionType(expected),
    ...(found && { found: describeFunctionType(found) }),
    ...(functionName !== undefined && { functionName: demangle(functionName) }),
  };
}

// ── Backtraces ──────────────────────────────────────────────────────────────────────────────────

const debugInfos = new WeakMap<Module, DebugInfo>();

function debugInfoOf(module: Module): DebugInfo {
  let info = debugInfos.get(module);
  if (info === undefined) {
    const { debugSections, module: { bytes } } = module.translation;
    const sections = new Map<string, Uint8Array>();
    for (const [name, { start, end }] of debugSections) {
      sections.set(name, bytes.subarray(start, end));
    }
    info = new DebugInfo(sections);
    debugInfos.set(module, info);
  }
  return info;
}

/** The frames of a backtrace with readable names and their source. */
export function backtraceReport(
  frames: readonly Frame[],
  { demangle = keepMangled, pathMappings = [] }: ReportOptions = {},
): FrameReport[] {
  return frames.map((frame) => {
    const { functionIndex, functionName, moduleName, wasmOffset } = frame;
    return {
      functionIndex,
      ...(functionName !== undefined && { functionName: demangle(functionName) }),
      ...(moduleName !== undefined && { moduleName }),
      ...(wasmOffset !== undefined && { wasmOffset }),
      source: sourceOf(frame).map(({ functionName, file, ...rest }) => ({
        ...(functionName !== undefined && { functionName: demangle(functionName) }),
        ...(file !== undefined && { file: mapPath(file, pathMappings) }),
        ...rest,
      })),
    };
  });
}

function sourceOf(frame: Frame): SourceFrame[] {
  const module = moduleOf(frame);
  if (module === undefined || frame.wasmOffset === undefined) return [];
  return debugInfoOf(module).framesAt(frame.wasmOffset - module.translation.codeSection.start);
}

// ── Machine code ────────────────────────────────────────────────────────────────────────────────

function codeAround(machine: MachineState, frame: Frame): CodeLine[] {
  const module = moduleOf(frame);
  const symbol = module?.code.symbolAt(frame.codeOffset);
  if (module === undefined || symbol === undefined) return [];
  const { engine: { isa }, code: { text } } = module;
  const { start } = symbol.location;
  const fault = frame.codeOffset;
  const lines: { at: number; length: number }[] = [];
  for (let at = start; at < start + symbol.instructionBytes;) {
    const length = isa.disassemble(text, at)?.length;
    if (length === undefined) break;
    lines.push({ at, length });
    at += length;
  }
  // Traps stand at a function's end, far from the check that leads to them.
  const check = isa.trapCheck?.(text, start, fault)?.at ?? fault;
  const positionOf = (offset: number): number => lines.findIndex(({ at }) => at === offset);
  const shown = new Set<number>();
  for (const offset of [check, fault]) {
    const middle = positionOf(offset);
    if (middle < 0) continue;
    const isLone = offset === fault && check !== fault;
    const first = isLone ? middle : Math.max(0, middle - LINES_BEFORE);
    const last = isLone ? middle : Math.min(lines.length - 1, middle + LINES_AFTER);
    for (let n = first; n <= last; n++) shown.add(n);
  }
  const base = machine.pc - fault;
  return [...shown].sort((a, b) => a - b).map((n) => {
    const { at, length } = lines[n] as { at: number; length: number };
    return {
      address: hex(base + at),
      bytes: hexBytes(text.subarray(at, at + length)),
      text: instructionText(isa, text, at, base),
      isFault: at === fault,
    };
  });
}

function instructionText(isa: RuntimeIsa, text: Uint8Array, at: number, base: number): string {
  const instruction = isa.disassemble(text, at);
  if (instruction === undefined) return "";
  const target = instruction.target === undefined ? "" : hex(base + at + instruction.target);
  return instruction.text.replace("{target}", target);
}

// ── Text ────────────────────────────────────────────────────────────────────────────────────────

/** The report as text: what `run` prints. No newline at its end. */
export function renderTrapReport(report: TrapReport): string {
  const lines = [`trap: ${report.message} (${report.kind})`];
  if (report.memory) lines.push("  " + describeAccess(report.memory));
  if (report.indirectCall) lines.push("  " + describeIndirectCall(report.indirectCall));
  lines.push(...renderFrames(report.frames));
  if (report.machine) {
    const { pc, instruction, faultPage, code } = report.machine;
    lines.push(`  pc ${pc}: ${instruction || "(unknown instruction)"}`);
    // A null reference faults as well, but its page tells nothing.
    const isMemoryFault = report.kind === "memoryOutOfBounds" ||
      report.kind === "callStackExhausted";
    if (faultPage !== undefined && isMemoryFault && !report.memory) {
      lines.push(`  faulting page ${faultPage}`);
    }
    lines.push(...renderCode(code));
  }
  return lines.join("\n");
}

/** A backtrace as text. No newline at its end. */
export function renderBacktrace(frames: readonly FrameReport[]): string {
  return renderFrames(frames).join("\n");
}

function describeAccess({ memory, address, byteLength, memoryBytes }: MemoryEvidence): string {
  const place = memory === undefined ? "" : ` of memory ${memory}`;
  const beyond = address === memoryBytes
    ? "just beyond its end"
    : address > memoryBytes
    ? `${count(address - memoryBytes, "byte")} beyond its end`
    : `the last ${count(address + byteLength - memoryBytes, "byte")} beyond its end`;
  return `access of ${count(byteLength, "byte")} at address ${hex(address)}${place}, ${beyond} ` +
    `(the memory has ${hex(memoryBytes)} bytes: ${count(memoryBytes / PAGE_BYTES, "page")})`;
}

/** `1 byte`, `2 bytes`. */
function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

function describeIndirectCall(call: NonNullable<TrapReport["indirectCall"]>): string {
  const { table, tableLength, index, expected, found, functionName } = call;
  const element = index === undefined ? "an element" : `element ${index}`;
  const length = tableLength === undefined ? "" : ` (${count(tableLength, "element")})`;
  const name = functionName === undefined ? "" : ` (${functionName})`;
  const actual = found === undefined ? "" : `, found ${found}${name}`;
  return `indirect call of ${element} of table ${table}${length}: expected ${expected}${actual}`;
}

function renderFrames(frames: readonly FrameReport[]): string[] {
  const lines: string[] = [];
  frames.forEach((frame, n) => {
    const { source } = frame;
    const label = `  ${n}: `;
    const indent = " ".repeat(label.length);
    const inlined = source.filter((place) => place.inlined);
    const own = source.find((place) => !place.inlined);
    let head = label;
    for (const place of inlined) {
      lines.push(`${head}${place.functionName ?? "(unknown function)"} (inlined)`);
      if (place.file !== undefined) lines.push(`${indent}    at ${describePlace(place)}`);
      head = indent;
    }
    lines.push(head + describeFrame(frame, own?.functionName));
    if (own?.file !== undefined) lines.push(`${indent}    at ${describePlace(own)}`);
  });
  return lines;
}

/** `name!function (func[3]) at wasm offset 0x1f2`. */
function describeFrame(frame: FrameReport, sourceName: string | undefined): string {
  const { functionIndex, functionName, moduleName, wasmOffset } = frame;
  const name = functionName ?? sourceName;
  const number = `func[${functionIndex}]`;
  return (moduleName === undefined ? "" : moduleName + "!") +
    (name === undefined ? number : `${name} (${number})`) +
    (wasmOffset === undefined ? "" : ` at wasm offset ${hex(wasmOffset)}`);
}

function describePlace({ file, line, column }: SourceFrame): string {
  return `${file}${line === undefined ? "" : `:${line}`}${
    column === undefined ? "" : `:${column}`
  }`;
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

function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
