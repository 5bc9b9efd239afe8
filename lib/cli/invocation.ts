/**
 * `--invoke`: which function is meant, and its arguments.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import type { Module } from "../runtime/module.ts";
import { formatValue, parseValue } from "../runtime/value_text.ts";
import { describeFunctionType, type WasmValue } from "../runtime/values.ts";
import type { FunctionType } from "../wasm/types.ts";
import { UsageError } from "./environment.ts";

/** A call of an exported function. */
export interface Invocation {
  readonly name: string;
  readonly type: FunctionType;
  readonly values: readonly WasmValue[];
}

/**
 * The call that a name and arguments stand for.
 * @throws CompileError when the module exports no such function, UsageError when the arguments are not
 * of its type
 */
export function parseInvocation(
  module: Module,
  name: string,
  args: readonly string[],
): Invocation {
  const type = module.exportedFunctionType(name);
  if (type === undefined) {
    const functions = module.exports.filter(({ kind }) => kind === "function");
    throw new CompileError(
      `Cannot invoke "${name}": the module exports no such function; it exports ` +
        (functions.length === 0 ? "none" : functions.map((known) => known.name).join(", ")),
    );
  }
  const { params } = type;
  if (args.length !== params.length) {
    throw new UsageError(
      `"${name}" has type ${describeFunctionType(type)}: ${params.length} arguments ` +
        `expected, got ${args.length}`,
    );
  }
  const values = params.map((type, n) => {
    try {
      return parseValue(type, args[n] as string);
    } catch (error) {
      if (error instanceof RangeError) throw new UsageError(error.message);
      throw error;
    }
  });
  return { name, type, values };
}

/** The results of the call, a line each. */
export function formatResults({ type }: Invocation, results: readonly WasmValue[]): string {
  return type.results.map((type, n) => formatValue(type, results[n]) + "\n").join("");
}
