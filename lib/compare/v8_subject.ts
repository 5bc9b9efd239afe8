/**
 * The engine that this program itself runs on, which is V8: a second opinion that shares no code with
 * Trapline.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import type { HostFunctionLinker, UnknownImports } from "../runtime/linker.ts";
import type { ImportDescription, Module } from "../runtime/module.ts";
import type { HostFunction } from "../runtime/store.ts";
import { defaultValue, type WasmValue } from "../runtime/values.ts";
import type {
  ObservedTrap,
  Subject,
  SubjectFunction,
  SubjectInstance,
  WasmPlace,
} from "./subject.ts";
import { v8TrapKinds, wasmOffsets, withDeepTraces } from "./v8_trap.ts";

type Provide = (name: string, wanted: ImportDescription) => HostFunction | undefined;

/** A module in V8. */
export class V8Subject implements Subject {
  readonly name = "v8";
  readonly #compiled: WebAssembly.Module;
  readonly #providers = new Map<string, Provide>();

  /**
   * @param module says what is imported and exported, and has the wasm
   * @throws CompileError when V8 does not accept the module
   */
  constructor(readonly module: Module) {
    const { bytes } = module.translation.module;
    try {
      this.#compiled = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new CompileError(`Cannot check module with V8: ${error.message}`);
    }
  }

  get linker(): HostFunctionLinker<unknown> {
    const linker: HostFunctionLinker<HostFunction> = {
      store: { hostFunction: (_type, implementation) => implementation },
      defineModule: (module, provide) => this.#providers.set(module, provide),
    };
    return linker as HostFunctionLinker<unknown>;
  }

  instantiate(unknownImports: UnknownImports): SubjectInstance {
    const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
    for (const wanted of this.module.imports) {
      const found = this.#providers.get(wanted.module)?.(wanted.name, wanted) ??
        substitute(wanted, unknownImports);
      if (found !== undefined) (imports[wanted.module] ??= {})[wanted.name] = found;
    }
    const { exports } = withDeepTraces(() => new WebAssembly.Instance(this.#compiled, imports));
    const memoryOf = (name: string): { memory: WebAssembly.Memory } | undefined => {
      const found = exports[name];
      return found instanceof WebAssembly.Memory ? { memory: found } : undefined;
    };
    return {
      memories: Object.keys(exports).flatMap((name) => memoryOf(name) ?? []),
      getMemory: memoryOf,
      getFunc: (name) => this.#function(exports, name),
      globalValue: (name) => globalValue(exports[name]),
    };
  }

  #function(exports: WebAssembly.Exports, name: string): SubjectFunction | undefined {
    const type = this.module.exportedFunctionType(name);
    if (type === undefined) return undefined;
    const call = exports[name] as (...args: WasmValue[]) => WasmValue;
    return {
      type,
      call: (...args): readonly WasmValue[] => {
        const returned = withDeepTraces(() => call(...args));
        return type.results.length > 1 ? returned : type.results.length === 1 ? [returned] : [];
      },
    };
  }

  trapOf(error: unknown): ObservedTrap | undefined {
    const kinds = v8TrapKinds(error);
    if (kinds === undefined) return undefined;
    const { message } = error as Error;
    return { kinds, message, places: this.#places(error as Error) };
  }

  #places(error: Error): WasmPlace[] {
    const { functionBodies } = this.module.translation;
    return wasmOffsets(error).map((wasmOffset) => ({
      functionIndex: functionBodies.find(({ end }) => wasmOffset < end)?.index ?? -1,
      wasmOffset,
    }));
  }

  close(): void {}
}

/** What a linker gives for an import that nothing provides, so that V8 traps where its code does. */
function substitute(
  { functionType }: ImportDescription,
  unknown: UnknownImports,
): HostFunction | undefined {
  if (unknown === "error" || functionType === undefined) return undefined;
  return () => {
    if (unknown === "trap") throw new WebAssembly.RuntimeError("unreachable");
    const values = functionType.results.map(defaultValue);
    return values.length === 1 ? values[0] : values;
  };
}

/** V8 has no values of vectors. */
function globalValue(found: WebAssembly.ExportValue | undefined): WasmValue | undefined {
  if (!(found instanceof WebAssembly.Global)) return undefined;
  try {
    return found.value;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
