/**
 * Executes the run lines of a case.
 *
 * A case can import anything: an imported function returns, for each of its results, the sum of its
 * numeric arguments (a vector has it in every lane of 32 bits, and counts for nothing as an argument);
 * an imported global is 42 (or null); a memory and a table have their minimum size. So what a case
 * computes with its imports is known without a host program beside it.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { trapLabel } from "../base/trap_kind.ts";
import { type Extern, Func, Global, Memory, Table } from "../runtime/externals.ts";
import type { Instance } from "../runtime/instance.ts";
import { instantiate } from "../runtime/instantiate.ts";
import type { ImportDescription, Module } from "../runtime/module.ts";
import type { Store } from "../runtime/store.ts";
import { Trap } from "../runtime/trap.ts";
import type { WasmValue } from "../runtime/values.ts";
import { type FunctionType, isReference, ValueType } from "../wasm/types.ts";
import { SLOT_BYTES } from "../translate/vmctx.ts";
import type { RunLine } from "./run_line.ts";
import { formatResult, isExpected, parseArgument, widthOf } from "./run_value.ts";

/** A run line that did not do what it says. */
export interface RunFailure {
  /** Line number in the case, from 1. */
  readonly line: number;
  /** The line, and what happened instead. */
  readonly message: string;
}

/**
 * Runs the lines in order in one new instance.
 * @returns those that fail
 * @throws InternalError for a fault that is no trap, LinkError when there is no instance
 */
export function runCase(store: Store, module: Module, lines: readonly RunLine[]): RunFailure[] {
  const imports = module.imports.map((wanted) => caseImport(store, wanted));
  const instance = instantiate(store, module, imports);
  const failures: RunFailure[] = [];
  for (const line of lines) {
    const problem = runLine(instance, line);
    if (problem !== undefined) {
      failures.push({ line: line.line, message: `${line.text}: ${problem}` });
    }
  }
  return failures;
}

/** What a case gets for an import; see the module's comment. */
export function caseImport(store: Store, { type, functionType }: ImportDescription): Extern {
  switch (type.kind) {
    case "function": {
      const { params, results } = functionType as FunctionType;
      return store.hostFunction(functionType as FunctionType, (...args) => {
        const sum = sumOf(params, args);
        return results.map((result) => valueOf(result, sum));
      });
    }
    case "memory":
      return Memory.create(store, type.type);
    case "table":
      return new Table(store, type.type);
    case "global":
      return Global.create(store, type.type, valueOf(type.type.type, 42));
    case "tag":
      throw new CompileError("Cannot run case: it imports a tag");
  }
}

/** The sum of the arguments that are numbers. */
export function sumOf(params: readonly ValueType[], args: readonly WasmValue[]): number {
  let sum = 0;
  params.forEach((type, n) => {
    if (!isReference(type) && type !== ValueType.v128) sum += Number(args[n]);
  });
  return sum;
}

/** A number as a value of a type; null for a reference. */
export function valueOf(type: ValueType, value: number): WasmValue {
  if (isReference(type)) return null;
  if (type === ValueType.i64) return BigInt(Math.trunc(value));
  if (type === ValueType.v128) {
    return new Uint8Array(Int32Array.of(value, value, value, value).buffer);
  }
  return type === ValueType.i32 ? value | 0 : value;
}

/** What is wrong, undefined when the line holds. */
function runLine(instance: Instance, line: RunLine): string | undefined {
  const func = instance.exports.get(line.name);
  if (!(func instanceof Func)) return "the case exports no such function";
  const { params, results } = func.type;
  if (line.args.length !== params.length) {
    return `${params.length} arguments expected, ${line.args.length} given`;
  }
  const { expected } = line;
  const values = expected.kind === "trap" ? [] : expected.values;
  try {
    const args = params.map((type, n) => parseArgument(type, line.args[n] as string));
    const actual = callWithBits(func, args);
    const shown = results.map((type, n) => formatResult(type, actual[n] as bigint, values[n]))
      .join(", ") || "nothing";
    if (expected.kind === "trap") return `it does not trap, it returns ${shown}`;
    const holds = values.length === results.length && results.every((type, n) => {
      return isExpected(type, values[n] as string, actual[n] as bigint);
    });
    return holds ? undefined : `it returns ${shown}`;
  } catch (error) {
    if (error instanceof CompileError) return error.message;
    if (!(error instanceof Trap)) throw error;
    return expected.kind === "trap" && expected.trap === error.kind
      ? undefined
      : `it traps ${trapLabel(error.kind)}`;
  }
}

/** Calls a function with bits and returns those of its results: JavaScript's NaNs have no payload. */
function callWithBits(func: Func, args: readonly bigint[]): bigint[] {
  const { store, type: { results } } = func;
  const mark = store.slotMark;
  try {
    const slots = store.reserveSlots(Math.max(args.length, results.length));
    args.forEach((bits, n) => slots.setU128(n * SLOT_BYTES, bits));
    func.callSlots(slots);
    return results.map((type, n) => BigInt.asUintN(widthOf(type), slots.getU128(n * SLOT_BYTES)));
  } catch (error) {
    throw store.errorPassing(error);
  } finally {
    store.releaseSlots(mark);
  }
}
