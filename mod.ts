/**
 * Trapline: an ahead-of-time compiler toolkit for WebAssembly. A module goes in; machine code for
 * another instruction set comes out, runs in an emulator with precise traps, and can be reviewed
 * byte by byte.
 *
 * ```ts
 * import { createEngine, Linker, Module, openStore } from "./mod.ts";
 *
 * const add = new Uint8Array([
 *   0, 97, 115, 109, 1, 0, 0, 0, // magic and version
 *   1, 7, 1, 96, 2, 127, 127, 1, 127, // type (i32, i32) -> i32
 *   3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, // one function, exported as "add"
 *   10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11, // local.get 0, local.get 1, i32.add
 * ]);
 * const engine = createEngine({ target: "x64" });
 * const module = Module.compile(engine, add);
 * const store = await openStore(engine);
 * const instance = new Linker(store).instantiate(module);
 * console.assert(instance.getFunc("add")?.call(40, 2)[0] === 42);
 * store.close();
 * ```
 *
 * @module
 */
import { backendByName, backends } from "./backends/mod.ts";
import { BlockCounter } from "./lib/executor/unicorn/block_counter.ts";
import { UnicornExecutor } from "./lib/executor/unicorn/executor.ts";
import { openUnicorn } from "./lib/executor/unicorn/library.ts";
import type { Backend } from "./lib/runtime/backend.ts";
import { Engine } from "./lib/runtime/engine.ts";
import { Store } from "./lib/runtime/store.ts";

export { CompileError, InternalError, Unsupported } from "./lib/base/errors.ts";
export {
  TrapKind,
  type TrapKindName,
  trapKindNames,
  trapLabel,
  trapMessage,
} from "./lib/base/trap_kind.ts";
export { type Demangle, keepMangled, loadDemangler } from "./lib/debug/demangle.ts";
export type { SourceFrame } from "./lib/debug/source_frames.ts";
export type { PathMapping } from "./lib/debug/source_path.ts";
export {
  type CompileInput,
  CompileInputs,
  type CompileProgress,
  UnlinkedCompileOutputs,
} from "./lib/compile/compile_inputs.ts";
export { type CompileKey, CompileKind } from "./lib/compile/compile_key.ts";
export {
  CompilePool,
  type CompilePoolOptions,
  type CompileSettings,
} from "./lib/compile/parallel/compile_pool.ts";
export type { FrameDescription, FrameShape } from "./lib/codegen/frame.ts";
export type {
  CompiledFunction,
  FunctionCounts,
  Relocation,
  RelocationTarget,
} from "./lib/compile/compiled_function.ts";
export type { CompileObserver, CompilerOptions } from "./lib/compile/isa_compiler.ts";
export type { Handle } from "./lib/base/handle.ts";
export {
  type Signature,
  type SignatureId,
  SignatureTable,
  Type,
  type TypeName,
} from "./lib/ir/types.ts";
export type { Builtin, BuiltinName } from "./lib/translate/builtins.ts";
export type * from "./lib/translate/translated_module.ts";
export { ModuleTypes, type TypeId } from "./lib/translate/module_types.ts";
export type { Compiler } from "./lib/compile/compiler.ts";
export {
  CodeObject,
  type CodeSymbol,
  type CompiledFunctionInfo,
  type FunctionLocation,
} from "./lib/link/code_object.ts";
export { linkAndFinish } from "./lib/link/link.ts";
export type { ObjectOptions } from "./lib/object/write.ts";
export { type Extern, Func, Global, Memory, Table } from "./lib/runtime/externals.ts";
export { Instance } from "./lib/runtime/instance.ts";
export { instantiate } from "./lib/runtime/instantiate.ts";
export { type HostFunctionLinker, Linker, type UnknownImports } from "./lib/runtime/linker.ts";
export { type ExportDescription, type ImportDescription, Module } from "./lib/runtime/module.ts";
export { type HostFunction, Store } from "./lib/runtime/store.ts";
export { wasmBacktrace } from "./lib/runtime/host_errors.ts";
export { Exit, LinkError, type MachineState, Trap } from "./lib/runtime/trap.ts";
export type { Frame, HostFrame, OmittedFrames, WasmFrame } from "./lib/runtime/stack_frame.ts";
export type {
  IndirectCallEvidence,
  MemoryEvidence,
  SegmentEvidence,
  TableEvidence,
  TrapEvidence,
} from "./lib/runtime/trap_evidence.ts";
export type { CodeLine, MachineReport } from "./lib/runtime/machine_report.ts";
export {
  backtraceReport,
  type FrameReport,
  type HostErrorReport,
  hostErrorReport,
  type ReportOptions,
  type TrapReport,
  trapReport,
  type WasmFrameReport,
} from "./lib/runtime/trap_report.ts";
export {
  renderBacktrace,
  renderHostErrorReport,
  renderTrapReport,
} from "./lib/runtime/trap_report_text.ts";
export type { WasmValue } from "./lib/runtime/values.ts";
export { translateModule, type TranslateOptions } from "./lib/translate/module.ts";
export {
  type InputStream,
  type OutputStream,
  type RandomSource,
  seededRandom,
  WasiContext,
  type WasiOptions,
  type WasiProgram,
} from "./lib/wasi/wasi.ts";
export {
  type ArrayType,
  type CompositeType,
  type ExternalKind,
  externalKinds,
  type ExternalType,
  type FieldType,
  type FunctionType,
  type GlobalType,
  HeapType,
  type HeapTypeName,
  type Limits,
  type MemoryType,
  type StructType,
  type SubType,
  type TableType,
  type TagType,
  ValueType,
  type ValueTypeName,
} from "./lib/wasm/types.ts";
export type { ConstArithmetic, ConstExpr, ConstOp } from "./lib/translate/const_expr.ts";
export { Engine };
export type { CpuFeature, FeatureStatus } from "./lib/codegen/features.ts";
export type { EngineSettings } from "./lib/runtime/engine.ts";

/** The names of the targets: `x64` and, as they are added, others. */
export const targets: readonly string[] = backends.map(({ isa }) => isa.name);

/** What the workers of a {@linkcode CompilePool} run; its `workerUrl`. */
export const compileWorker: URL = new URL("./backends/compile_worker.ts", import.meta.url);

/** Options of {@linkcode createEngine}. */
export interface EngineOptions {
  /** A name of {@linkcode targets} or a triple; the default is the first target. */
  readonly target?: string;
  /** 0: compile quickly; 1: all optimisations, the default. */
  readonly level?: 0 | 1;
  /**
   * CPU features to compile with, by name and separated by commas: `zba,+zbb,-c` enables the first two
   * and disables the third. The defaults depend on the target only, never on this machine.
   */
  readonly cpuFeatures?: string;
}

/**
 * Makes an engine that compiles for a target.
 * @throws RangeError when there is no such target, or it has no such CPU feature
 */
export function createEngine(options: EngineOptions = {}): Engine {
  const { target, level = 1, cpuFeatures } = options;
  return new Engine(backendOf(target), {
    level,
    ...(cpuFeatures !== undefined && { cpuFeatures }),
  });
}

/**
 * Opens a store whose instances execute in the Unicorn emulator.
 *
 * The emulator's library is looked for as the README describes, and fetched when it is missing
 * unless `offline` is set.
 */
export async function openStore(
  engine: Engine,
  options: { readonly offline?: boolean } = {},
): Promise<Store> {
  const library = await openUnicorn({ offline: options.offline ?? false });
  const { machine } = backendOf(engine.isa.name);
  return new Store(engine, new UnicornExecutor(library, machine, { counter: BlockCounter }));
}

function backendOf(target: string | undefined): Backend {
  const found = target === undefined ? backends[0] : backendByName(target);
  if (found === undefined) {
    throw new RangeError(
      `Cannot create engine: no target "${target}"; there are ${targets.join(", ")}`,
    );
  }
  return found;
}
