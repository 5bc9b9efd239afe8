/**
 * Names every output of a compilation, so that outputs can be sorted whatever the order in which
 * they were made.
 *
 * @module
 */

/** What kind of code an output is; outputs are linked in this order. */
export const CompileKind = {
  wasmFunction: 0,
  arrayToWasmTrampoline: 1,
  wasmToArrayTrampoline: 2,
  wasmToBuiltinTrampoline: 3,
} as const;
/** A value of {@linkcode CompileKind}. */
export type CompileKind = typeof CompileKind[keyof typeof CompileKind];

/** A kind, and the index of the function, signature or builtin. */
export interface CompileKey {
  /** What kind of code. */
  readonly kind: CompileKind;
  /**
   * `wasmFunction`, `arrayToWasmTrampoline`: function index; `wasmToArrayTrampoline`: `SignatureId`
   * in the module's table; `wasmToBuiltinTrampoline`: builtin number.
   */
  readonly index: number;
}

/** Orders keys by kind, then index. */
export function compareCompileKeys(a: CompileKey, b: CompileKey): number {
  return a.kind - b.kind || a.index - b.index;
}

/** The linker symbol of an output. */
export function symbolOf(key: CompileKey, builtinName?: string): string {
  switch (key.kind) {
    case CompileKind.wasmFunction:
      return `wasm[0]::function[${key.index}]`;
    case CompileKind.arrayToWasmTrampoline:
      return `wasm[0]::array_to_wasm_trampoline[${key.index}]`;
    case CompileKind.wasmToArrayTrampoline:
      return `signatures[${key.index}]::wasm_to_array_trampoline`;
    case CompileKind.wasmToBuiltinTrampoline:
      return `wasm_builtin_${builtinName}`;
  }
}
