/**
 * The constants that scripts pass, and the results that they expect.
 *
 * @module
 */
import { Unsupported } from "../../base/errors.ts";
import { Func } from "../../runtime/externals.ts";
import type { Store } from "../../runtime/store.ts";
import { HeapType, heapTypeOf, ValueType } from "../../wasm/types.ts";
import { parseFloatBits, parseInteger } from "./literals.ts";
import { type Expression, headOf, type List, ScriptError } from "./s_expression.ts";

/** A host reference of a script: `(ref.extern 7)`. */
export class ScriptExtern {
  constructor(readonly id: number) {}
}

const CANONICAL = "nan:canonical";
const ARITHMETIC = "nan:arithmetic";

/** What a script says of a result. */
export type Expected =
  | { readonly kind: "bits"; readonly bits: bigint; readonly width: 32 | 64 }
  | { readonly kind: "nan"; readonly canonical: boolean; readonly width: 32 | 64 }
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
      case "v128.const":
        throw new Unsupported("simd");
      default:
        throw new Unsupported("gc", -1, headOf(list));
    }
  }
}

/** What an expected result means. */
export function parseExpected(expression: Expression): Expected {
  const list = asList(expression);
  const operand = atomOf(list.items[1]);
  const float = (width: 32 | 64): Expected =>
    operand === CANONICAL || operand === ARITHMETIC
      ? { kind: "nan", canonical: operand === CANONICAL, width }
      : { kind: "bits", bits: parseFloatBits(operand, width), width };
  switch (headOf(list)) {
    case "i32.const":
      return { kind: "bits", bits: parseInteger(operand, 32), width: 32 };
    case "i64.const":
      return { kind: "bits", bits: parseInteger(operand, 64), width: 64 };
    case "f32.const":
      return float(32);
    case "f64.const":
      return float(64);
    case "ref.null":
      return { kind: "null" };
    case "ref.extern":
      return { kind: "extern", id: operand === "" ? undefined : Number(operand) };
    case "ref.func":
      return { kind: "function" };
    case "either":
      return { kind: "either", choices: list.items.slice(1).map(parseExpected) };
    case "v128.const":
      throw new Unsupported("simd");
    default:
      throw new Unsupported("gc", -1, headOf(list));
  }
}

/** Whether the bits of a result of a type are what a script expects. */
export function matches(expected: Expected, bits: bigint, type: ValueType, store: Store): boolean {
  switch (expected.kind) {
    case "bits":
      return BigInt.asUintN(expected.width, bits) === expected.bits;
    case "nan":
      return isExpectedNan(BigInt.asUintN(expected.width, bits), expected);
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
