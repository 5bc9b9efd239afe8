/**
 * The code that is loaded into a store: where each code object stands in the guest, and which one a
 * program counter is in.
 *
 * @module
 */
import type { TrapKind } from "../base/trap_kind.ts";
import type { Executor } from "../executor/executor.ts";
import type { CodeSymbol } from "../link/code_object.ts";
import type { Module } from "./module.ts";

/** A module's code in the guest. */
export interface LoadedCode {
  readonly module: Module;
  /** Guest address of the text's first byte. */
  readonly base: number;
  /** In bytes. */
  readonly length: number;
}

/** Maps guest program counters to code objects. */
export class CodeRegistry {
  readonly #executor: Executor;
  readonly #loaded: LoadedCode[] = [];
  readonly #bases = new Map<Module, number>();
  /** By the engine's type id: the guest address of the trampoline to host functions. */
  readonly #trampolines = new Map<number, number>();

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  /** Copies a module's text into the guest unless it is there, and returns its address. */
  load(module: Module): number {
    const known = this.#bases.get(module);
    if (known !== undefined) return known;
    const { text } = module.code;
    const { address, bytes } = this.#executor.allocate(Math.max(text.length, 1), "execute");
    bytes.set(text);
    this.#bases.set(module, address);
    this.#loaded.push({ module, base: address, length: text.length });
    module.typeIds.forEach((typeId, index) => {
      const location = module.trampolineOfType(index);
      if (location !== undefined && !this.#trampolines.has(typeId)) {
        this.#trampolines.set(typeId, address + location.start);
      }
    });
    return address;
  }

  /** Guest address of a wasm-to-array trampoline for a type, undefined when no code has one. */
  wasmToArrayTrampoline(typeId: number): number | undefined {
    return this.#trampolines.get(typeId);
  }

  /** All code that is loaded. */
  get loaded(): readonly LoadedCode[] {
    return this.#loaded;
  }

  /** The code that contains a guest address. */
  at(address: number): LoadedCode | undefined {
    for (const code of this.#loaded) {
      if (address >= code.base && address < code.base + code.length) return code;
    }
    return undefined;
  }

  /** The kind of trap that a fault at exactly this address means. */
  trapAt(address: number): TrapKind | undefined {
    const code = this.at(address);
    return code?.module.code.lookupTrap(address - code.base);
  }

  /** The function or trampoline that contains a guest address. */
  symbolAt(address: number): { code: LoadedCode; symbol: CodeSymbol } | undefined {
    const code = this.at(address);
    const symbol = code?.module.code.symbolAt(address - code.base);
    return code && symbol && { code, symbol };
  }
}
