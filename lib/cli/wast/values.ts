/**
 * The constants that scripts pass, and the results that they expect.
 *
 * @module
 */
import { Unsupported } from "../../base/errors.ts";
import { Func } from "../../runtime/externals.ts";
import type { Store } from "../../runtime/store.ts";
import { HeapType, heapTypeOf, ValueType } from "../../wasm/types.ts";
import * as literals from "../../wasm/literals.ts";
import { type Expression, headOf, type List, ScriptError } from "./s_expression.ts";

/** A host reference of a script: `(ref.extern 7)`. */
export class ScriptExtern {
  constructor(readonly id: number) {}
}

/** An integer literal, modulo 2^bits. */
function parseInteger(text: string, bits: number): bigint {
  const value = literals.parseInteger(text);
  if (value === undefined) throw new ScriptError(`"${text}" is not an integer`);
  return BigInt.asUintN(bits, value);
}

/** The bits of a float literal. */
function parseFloatBits(text: string, width: 32 | 64): bigint {
  const bits = literals.parseFloatBits(text, width);
  if (bits === undefined) throw new ScriptError(`"${text}" is not a float`);
  return bits;
}

const CANONICAL = "nan:canonical";
const ARITHMETIC = "nan:arithmetic";

/** What a script says of a result. */
export type Expected =
  | { readonly kind: "bits"; readonly bits: bigint; readonly width: number }
  | { readonly kind: "nan"; readonly canonical: boolean; readonly width: 32 | 64 }
  | { readonly kind: "vector"; readonly width: number; readonly lanes: readonly Expected[] }
  | { readonly kind: "null" }
  | { readonly kind: "extern"; readonly id: number | undefined }
  | { readonly kind: "function" }
  | { readonly kind: "either"; readonly choices: readonly Expected[] };

/** The externs of one script: the same number is the same reference. */
export class ScriptValues {
  readonly #externs = new Map<number, ScriptExtern>();

  extern(id: number): ScriptExtern {
    let extern = this.#externs.get(id);
    if (extern === undefined) this.#externs.set(id, extern = new ScriptExtern(id));
    return extern;
  }

  /** The bits of an argument. */
  argument(expression: Expression, store: Store): bigint {
    const list = asList(expression);
    const operand = atomOf(list.items[1]);
    switch (headOf(list)) {
      case "i32.const":
        return parseInteger(operand, 32);
      case "i64.const":
        return parseInteger(operand, 64);
      case "f32.const":
        return parseFloatBits(operand, 32);
      case "f64.const":
        return parseFloatBits(operand, 64);
      case "ref.null":
        return 0n;
      case "ref.extern":
        return store.toBits(ValueType.externref, this.extern(Number(operand)));
      case "v128.const": {
        const { width, isFloat, lanes } = lanesOf(list);
        return lanes.reduceRight(
          (bits, lane) =>
            bits << BigInt(width) |
            (isFloat ? parseFloatBits(lane, width as 32 | 64) : parseInteger(lane, width)),
          0n,
        );
      }
      default:
        throw new Unsupported("gc", -1, headOf(list));
    }
  }
}

/** What an expected result means. */
export function parseExpected(expression: Expression): Expected {
  const list = asList(expression);
  const operand = atomOf(list.items[1]);
  switch (headOf(list)) {
    case "i32.const":
      return { kind: "bits", bits: parseInteger(operand, 32), width: 32 };
    case "i64.const":
      return { kind: "bits", bits: parseInteger(operand, 64), width: 64 };
    case "f32.const":
      return expectedFloat(operand, 32);
    case "f64.const":
      return expectedFloat(operand, 64);
    case "ref.null":
      return { kind: "null" };
    case "ref.extern":
      return { kind: "extern", id: operand === "" ? undefined : Number(operand) };
    case "ref.func":
      return { kind: "function" };
    case "either":
      return { kind: "either", choices: list.items.slice(1).map(parseExpected) };
    case "v128.const": {
      const { width, isFloat, lanes } = lanesOf(list);
      return {
        kind: "vector",
        width,
        lanes: lanes.map((lane) =>
          isFloat
            ? expectedFloat(lane, width as 32 | 64)
            : { kind: "bits", bits: parseInteger(lane, width), width }
        ),
      };
    }
    default:
      throw new Unsupported("gc", -1, headOf(list));
  }
}

function expectedFloat(text: string, width: 32 | 64): Expected {
  return text === CANONICAL || text === ARITHMETIC
    ? { kind: "nan", canonical: text === CANONICAL, width }
    : { kind: "bits", bits: parseFloatBits(text, width), width };
}

/** The lanes of `(v128.const i32x4 1 2 3 4)`. */
function lanesOf(list: List): { width: number; isFloat: boolean; lanes: readonly string[] } {
  const shape = /^([if])(\d+)x(\d+)$/.exec(atomOf(list.items[1]));
  const lanes = list.items.slice(2).map(atomOf);
  if (shape === null || lanes.length !== Number(shape[3])) {
    throw new ScriptError("a vector was expected");
  }
  return { width: Number(shape[2]), isFloat: shape[1] === "f", lanes };
}

/** Whether the bits of a result of a type are what a script expects. */
export function matches(expected: Expected, bits: bigint, type: ValueType, store: Store): boolean {
  switch (expected.kind) {
    case "bits":
      return BigInt.asUintN(expected.width, bits) === expected.bits;
    case "nan":
      return isExpectedNan(BigInt.asUintN(expected.width, bits), expected);
    case "vector":
      return expected.lanes.every((lane, n) =>
        matches(lane, bits >> BigInt(n * expected.width), type, store)
      );
    case "null":
      return bits === 0n;
    case "function":
      return store.fromBits(type, bits) instanceof Func;
    case "extern": {
      if (heapTypeOf(type) !== HeapType.extern) return false;
      const value = store.fromBits(type, bits);
      return value instanceof ScriptExtern &&
        (expected.id === undefined || value.id === expected.id);
    }
    case "either":
      return expected.choices.some((choice) => matches(choice, bits, type, store));
  }
}

/** A canonical NaN has only the top fraction bit set; an arithmetic one has at least that. */
function isExpectedNan(bits: bigint, { width, canonical }: Expected & { kind: "nan" }): boolean {
  const quiet = width === 32 ? 0x7fc0_0000n : 0x7ff8_0000_0000_0000n;
  const magnitude = BigInt.asUintN(width - 1, bits);
  return canonical ? magnitude === quiet : (magnitude & quiet) === quiet;
}

function asList(expression: Expression): List {
  if (expression.kind !== "list") throw new ScriptError("a constant was expected");
  return expression;
}

function atomOf(expression: Expression | undefined): string {
  return expression?.kind === "atom" ? expression.text : "";
}
