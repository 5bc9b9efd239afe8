/**
 * Reports of traps, of errors of the host, and of backtraces as data: what `--json` prints, which
 * `docs/trap-reports.md` describes. Source positions, demangled names and disassembly are looked up
 * here, when a report is made.
 *
 * @module
 */
import { type TrapKindName, trapKindNames } from "../base/trap_kind.ts";
import { type Demangle, keepMangled } from "../debug/demangle.ts";
import { DebugInfo, type SourceFrame } from "../debug/source_frames.ts";
import { mapPath, type PathMapping } from "../debug/source_path.ts";
import { moduleOf } from "./backtrace.ts";
import { wasmBacktrace } from "./host_errors.ts";
import { type MachineReport, machineReport } from "./machine_report.ts";
import type { Module } from "./module.ts";
import {
  type Frame,
  type HostFrame,
  innermostWasm,
  type OmittedFrames,
  type WasmFrame,
} from "./stack_frame.ts";
import type { Trap } from "./trap.ts";
import type {
  IndirectCallEvidence,
  MemoryEvidence,
  SegmentEvidence,
  TableEvidence,
} from "./trap_evidence.ts";
import { describeFunctionType } from "./values.ts";
import { operatorAt } from "./wasm_operator.ts";

/** How a report is made. */
export interface ReportOptions {
  /** Turns mangled names into readable ones; `loadDemangler` gives one. */
  readonly demangle?: Demangle;
  /** Where the sources are now. */
  readonly pathMappings?: readonly PathMapping[];
}

/** A wasm function on the stack, with its source. */
export interface WasmFrameReport {
  /** Tells the members of {@linkcode FrameReport} apart. */
  readonly kind: "wasm";
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

/** An entry of a backtrace. */
export type FrameReport = WasmFrameReport | HostFrame | OmittedFrames;

/** A trap as data. Addresses of the guest are hexadecimal texts. */
export interface TrapReport {
  /** The kind by name. */
  readonly kind: TrapKindName;
  /** The kind in the words of the specification. */
  readonly message: string;
  /** The wasm instruction that trapped, or called what trapped: `i32.load`. */
  readonly operator?: string;
  /** The access of a memory that failed. */
  readonly memory?: MemoryEvidence;
  /** The access of a table that failed. */
  readonly table?: TableEvidence;
  /** The part of a segment that is not there. */
  readonly segment?: SegmentEvidence;
  /** The indirect call that failed; types as text, as in `(i32) -> (i32)`. */
  readonly indirectCall?:
    & Omit<IndirectCallEvidence, "expected" | "found">
    & { readonly expected: string; readonly found?: string };
  /** The functions on the stack, innermost first. */
  readonly frames: readonly FrameReport[];
  /** The innermost wasm function's machine code; absent when no wasm was running. */
  readonly machine?: MachineReport;
}

/** An error of a host function, with the functions that it passed, as data. */
export interface HostErrorReport {
  /** Tells it from a {@linkcode TrapReport}. */
  readonly kind: "hostError";
  /** What was thrown, as text. */
  readonly message: string;
  /** The functions on the stack, that of the host first. */
  readonly frames: readonly FrameReport[];
  /** Where the innermost wasm function called. */
  readonly machine?: MachineReport;
}

/** All that is known of a trap. */
export function trapReport(trap: Trap, options: ReportOptions = {}): TrapReport {
  const { memory, table, segment, indirectCall } = trap.evidence;
  const innermost = innermostWasm(trap.frames);
  const operator = innermost && operatorOf(innermost);
  const machine = machineReport(innermost, trap.machine);
  return {
    kind: trapKindNames[trap.kind] as TrapKindName,
    message: trap.message,
    ...(operator !== undefined && { operator }),
    ...(memory && { memory }),
    ...(table && { table }),
    ...(segment && { segment }),
    ...(indirectCall && { indirectCall: indirectCallReport(indirectCall, options) }),
    frames: backtraceReport(trap.frames, options),
    ...(machine && { machine }),
  };
}

/**
 * What is known of an error that a host function threw; undefined for errors that did not pass
 * through wasm.
 */
export function hostErrorReport(
  error: unknown,
  options: ReportOptions = {},
): HostErrorReport | undefined {
  const frames = wasmBacktrace(error);
  if (frames === undefined || frames.length === 0) return undefined;
  const machine = machineReport(innermostWasm(frames));
  return {
    kind: "hostError",
    message: String(error),
    frames: backtraceReport(frames, options),
    ...(machine && { machine }),
  };
}

function operatorOf(frame: WasmFrame): string | undefined {
  const module = moduleOf(frame);
  return module && operatorAt(module, frame.functionIndex, frame.wasmOffset)?.name;
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
  return frames.map((frame): FrameReport => {
    if (frame.kind !== "wasm") return frame;
    const { functionIndex, functionName, moduleName, wasmOffset } = frame;
    return {
      kind: "wasm",
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

function sourceOf(frame: WasmFrame): SourceFrame[] {
  const module = moduleOf(frame);
  if (module === undefined || frame.wasmOffset === undefined) return [];
  return debugInfoOf(module).framesAt(frame.wasmOffset - module.translation.codeSection.start);
}
