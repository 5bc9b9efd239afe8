/**
 * What listings call things: functions by their names, relocations by what they refer to.
 *
 * @module
 */
import { CompileKind } from "../compile/compile_key.ts";
import { isBuiltinTarget, type Relocation, targetIndex } from "../compile/compiled_function.ts";
import { type SignatureId, typeNames } from "../ir/types.ts";
import type { CodeSymbol } from "../link/code_object.ts";
import { describeFunctionType } from "../runtime/values.ts";
import { builtinNames } from "../translate/builtins.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import type { FunctionType } from "../wasm/types.ts";

/** A function's name: from the name section, or as it is exported; undefined where it has none. */
export function functionName(translation: ModuleTranslation, index: number): string | undefined {
  const { names, exports } = translation.module;
  return names.functionName(index) ??
    exports.find((e) => e.kind === "function" && e.index === index)?.name;
}

/**
 * `wasm[0]::function[1] "fib" (i32) -> (i32)   size=52 frame=32`; behind the bytes of the frame, the
 * offset of a prologue that is not at the start, `frame=32@000b`.
 */
export function describeSymbol(
  translation: ModuleTranslation | undefined,
  symbol: CodeSymbol,
): string {
  const { frame, location } = symbol;
  return `${describeName(translation, symbol)}   size=${location.length} ` +
    (frame.hasFramePointer ? `frame=${frame.bytes}` : "no frame") +
    (frame.start > 0 ? `@${hex(frame.start)}` : "");
}

/** `wasm[0]::function[1] "fib" (i32) -> (i32)`. */
export function describeName(
  translation: ModuleTranslation | undefined,
  symbol: CodeSymbol,
): string {
  return symbol.name + (translation === undefined ? "" : aboutOf(translation, symbol));
}

/** The symbol that a relocation refers to, with the name of a function that has one. */
export function relocationTarget(
  translation: ModuleTranslation | undefined,
  relocation: Relocation,
): string {
  const index = targetIndex(relocation.target);
  const addend = relocation.addend === 0 ? "" : `+${relocation.addend}`;
  if (isBuiltinTarget(relocation.target)) return `wasm_builtin_${builtinNames[index]}${addend}`;
  const name = translation && functionName(translation, index);
  const quoted = name === undefined ? "" : ` ${JSON.stringify(name)}`;
  return `wasm[0]::function[${index}]${addend}${quoted}`;
}

/** At least four hexadecimal digits. */
export function hex(offset: number): string {
  return offset.toString(16).padStart(4, "0");
}

/** What is known of a symbol beyond its name, with a space before it. */
function aboutOf(translation: ModuleTranslation, symbol: CodeSymbol): string {
  const { kind, index } = symbol.key;
  const name = kind <= CompileKind.arrayToWasmTrampoline
    ? functionName(translation, index)
    : undefined;
  const signature = describeSignature(translation, symbol);
  return (name === undefined ? "" : ` ${JSON.stringify(name)}`) +
    (signature === "" ? "" : ` ${signature}`);
}

/** `(i32) -> (i32)`; empty for a builtin. */
export function describeSignature(
  { module, types }: ModuleTranslation,
  { key }: CodeSymbol,
): string {
  switch (key.kind) {
    case CompileKind.wasmFunction:
    case CompileKind.arrayToWasmTrampoline: {
      const { typeIndex } = module.functions[key.index] as { typeIndex: number };
      return describeFunctionType(module.types[typeIndex] as FunctionType);
    }
    case CompileKind.wasmToArrayTrampoline: {
      const { params, results } = types.signatures.get(key.index as SignatureId);
      const list = (all: readonly number[]): string => all.map((t) => typeNames[t]).join(", ");
      return `(${list(params.slice(1))}) -> (${list(results)})`;
    }
    case CompileKind.wasmToBuiltinTrampoline:
      return "";
  }
}
