/**
 * The run lines of a case: comments that say what its exports return or how they trap.
 *
 *     ;; run: fib(10) = 55
 *     ;; run: swap(1, 2.5) = 2.5, 1
 *     ;; run: store(65536)
 *     ;; run: div(1, 0) traps integer-divide-by-zero
 *
 * Lines run in order in one instance, so one can see what the lines above it stored. Integers are
 * decimal or hexadecimal, signed or not; floats are JavaScript's literals, `inf` and `nan` (which
 * stands for any NaN); a reference is `null`, and a result that must not be null is `ref`.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { type TrapKind, trapKindNames, trapLabel } from "../base/trap_kind.ts";
import type { WasmValue } from "../runtime/values.ts";
import { isReference, ValueType, valueTypeName } from "../wasm/types.ts";

/** What a run line expects. */
export type Expectation =
  | { readonly kind: "results"; readonly values: readonly string[] }
  | { readonly kind: "trap"; readonly trap: TrapKind };

/** One run line. */
export interface RunLine {
  /** Line number in the case, from 1. */
  readonly line: number;
  /** What is written after `run:`. */
  readonly text: string;
  /** The exported function. */
  readonly name: string;
  /** The arguments as written; the function's type says what they are. */
  readonly args: readonly string[];
  readonly expected: Expectation;
}

const trapByLabel = new Map(
  trapKindNames.map((_, kind) => [trapLabel(kind as TrapKind), kind as TrapKind]),
);

/**
 * The run lines of a case's text.
 * @param origin the case's name in messages
 * @throws CompileError for a line that is not well formed
 */
export function parseRunLines(source: string, origin: string): RunLine[] {
  const lines: RunLine[] = [];
  source.split("\n").forEach((line, n) => {
    const text = line.match(/^\s*;;\s*run:(.*)$/)?.[1]?.trim();
    if (text === undefined) return;
    const fail = (reason: string): never => {
      throw new CompileError(`Cannot read run line at "${origin}:${n + 1}": ${reason}`);
    };
    const match = text.match(/^([^()]+)\(([^()]*)\)\s*(?:=\s*(.+)|traps\s+(\S+))?$/);
    if (match === null) {
      return fail('it is not of the form "name(arguments) = results" or "name() traps kind"');
    }
    const [, name, args, results, label] = match as unknown as string[];
    lines.push({
      line: n + 1,
      text,
      name: (name as string).trim(),
      args: listOf(args),
      expected: label === undefined
        ? { kind: "results", values: listOf(results) }
        : { kind: "trap", trap: trapByLabel.get(label) ?? fail(`no trap is called "${label}"`) },
    });
  });
  return lines;
}

function listOf(text: string | undefined): string[] {
  return text === undefined || text.trim() === "" ? [] : text.split(",").map((v) => v.trim());
}

/**
 * The value that a text means for a type.
 * @throws CompileError when the text is no value of the type
 */
export function parseValue(type: ValueType, text: string): WasmValue {
  const fail = (): never => {
    throw new CompileError(`"${text}" is not a value of type ${valueTypeName(type)}`);
  };
  if (isReference(type)) return text === "null" ? null : fail();
  if (type === ValueType.i32 || type === ValueType.i64) {
    const bits = type === ValueType.i32 ? 32 : 64;
    const match = text.match(/^([+-]?)(0x[0-9a-f]+|[0-9]+)$/i);
    if (match === null) return fail();
    const value = match[1] === "-" ? -BigInt(match[2] as string) : BigInt(match[2] as string);
    if (value >= 1n << BigInt(bits) || value < -(1n << BigInt(bits - 1))) return fail();
    return bits === 32 ? Number(BigInt.asIntN(32, value)) : BigInt.asIntN(64, value);
  }
  const special = text.match(/^([+-]?)(inf|nan)$/)?.[2];
  const value = special === "nan"
    ? NaN
    : special === "inf"
    ? (text.startsWith("-") ? -Infinity : Infinity)
    : text === ""
    ? fail()
    : Number(text);
  if (Number.isNaN(value) && special === undefined) return fail();
  return type === ValueType.f32 ? Math.fround(value) : value;
}

/**
 * Whether a result is what a text means.
 * @throws CompileError when the text is no value of the type
 */
export function isExpected(type: ValueType, text: string, result: WasmValue): boolean {
  if (isReference(type) && text === "ref") return result !== null;
  // Zeros differ by their sign, and a NaN equals a NaN.
  return Object.is(parseValue(type, text), result);
}

/** A result as a run line would write it. */
export function formatResult(type: ValueType, result: WasmValue): string {
  if (isReference(type)) return result === null ? "null" : "ref";
  if (Object.is(result, -0)) return "-0";
  return String(result).replace("NaN", "nan").replace("Infinity", "inf");
}
