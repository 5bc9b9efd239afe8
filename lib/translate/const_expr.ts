/**
 * Constant expressions: the initial values of globals, tables and elements, and the offsets of
 * segments. They are parsed once, with the module, and evaluated at each instantiation.
 *
 * A value is its raw bits as an unsigned bigint, 128 for a v128 and 64 for all others: an i32 or f32
 * in the low half with zeros above, a reference as the runtime represents it, the null reference as 0.
 *
 * @module
 */
import { unreachable, Unsupported } from "../base/errors.ts";
import { ConstantOpcode as Opcode, constantOpcode } from "../wasm/constant_opcodes.ts";
import { readOpcode } from "../wasm/opcode_group.ts";
import type { Reader } from "../wasm/reader.ts";
import { readHeapType, referenceType, ValueType, valueTypeFeature } from "../wasm/types.ts";

/** One instruction of a constant expression. */
export type ConstOp =
  | { readonly op: "const"; readonly type: ValueType; readonly bits: bigint }
  | { readonly op: "global.get"; readonly index: number }
  | { readonly op: "ref.func"; readonly index: number }
  | { readonly op: ConstArithmetic };

/** The arithmetic of extended constant expressions. */
export type ConstArithmetic =
  | "i32.add"
  | "i32.sub"
  | "i32.mul"
  | "i64.add"
  | "i64.sub"
  | "i64.mul";

/** A constant expression. `ref.null` is a `const` of bits 0. */
export interface ConstExpr {
  /** In evaluation order, without the final `end`. */
  readonly ops: readonly ConstOp[];
  /** Byte offset in the module. */
  readonly offset: number;
}

/** What a constant expression can ask of the instance. */
export interface ConstExprEnvironment {
  /** The bits of a global that is imported or was initialised before. */
  globalBits(index: number): bigint;
  /** The reference of a function, by its index in the module. */
  functionReference(index: number): bigint;
}

/** Reads an expression up to its `end`. Fails with `Unsupported` at an instruction that is not. */
export function readConstExpr(reader: Reader): ConstExpr {
  const offset = reader.position;
  const ops: ConstOp[] = [];
  for (;;) {
    const at = reader.position;
    const opcode = readOpcode(reader);
    switch (opcode) {
      case Opcode.end:
        return { ops, offset };
      case Opcode["i32.const"]:
        ops.push(constant(ValueType.i32, reader.readS32(), 0));
        break;
      case Opcode["i64.const"]:
        reader.readS64();
        ops.push(constant(ValueType.i64, reader.low, reader.high));
        break;
      case Opcode["f32.const"]:
        ops.push(constant(ValueType.f32, reader.readFixed32(), 0));
        break;
      case Opcode["f64.const"]:
        reader.readFixed64();
        ops.push(constant(ValueType.f64, reader.low, reader.high));
        break;
      case Opcode["v128.const"]: {
        const low = readBits64(reader);
        ops.push({ op: "const", type: ValueType.v128, bits: readBits64(reader) << 64n | low });
        break;
      }
      case Opcode["ref.null"]: {
        const type = referenceType(readHeapType(reader), true);
        const feature = valueTypeFeature(type);
        if (feature !== undefined) throw new Unsupported(feature, at);
        ops.push(constant(type, 0, 0));
        break;
      }
      case Opcode["ref.func"]:
        ops.push({ op: "ref.func", index: reader.readU32() });
        break;
      case Opcode["global.get"]:
        ops.push({ op: "global.get", index: reader.readU32() });
        break;
      case Opcode["i32.add"]:
      case Opcode["i32.sub"]:
      case Opcode["i32.mul"]:
      case Opcode["i64.add"]:
      case Opcode["i64.sub"]:
      case Opcode["i64.mul"]:
        ops.push({ op: constantOpcode(opcode)?.name as ConstArithmetic });
        break;
      default: {
        // The validator knows no more instructions of constant expressions than the table, in which all
        // that is not supported is of one feature.
        const { name, feature } = constantOpcode(opcode) ?? { feature: "gc" };
        const what = name ?? `opcode 0x${opcode.toString(16)}`;
        throw new Unsupported(feature, at, `${what} in a constant expression`);
      }
    }
  }
}

/** The bits an expression evaluates to. */
export function evaluateConstExpr(expr: ConstExpr, environment: ConstExprEnvironment): bigint {
  const stack: bigint[] = [];
  for (const op of expr.ops) {
    switch (op.op) {
      case "const":
        stack.push(op.bits);
        break;
      case "global.get":
        stack.push(environment.globalBits(op.index));
        break;
      case "ref.func":
        stack.push(environment.functionReference(op.index));
        break;
      default: {
        const right = pop(stack);
        const left = pop(stack);
        stack.push(BigInt.asUintN(op.op.startsWith("i32") ? 32 : 64, compute(op.op, left, right)));
      }
    }
  }
  return pop(stack);
}

/** The functions that an expression refers to. */
export function functionsOf(expr: ConstExpr): readonly number[] {
  const functions: number[] = [];
  for (const op of expr.ops) if (op.op === "ref.func") functions.push(op.index);
  return functions;
}

function compute(op: ConstArithmetic, left: bigint, right: bigint): bigint {
  switch (op) {
    case "i32.add":
    case "i64.add":
      return left + right;
    case "i32.sub":
    case "i64.sub":
      return left - right;
    case "i32.mul":
    case "i64.mul":
      return left * right;
  }
}

function pop(stack: bigint[]): bigint {
  return stack.pop() ?? unreachable("Cannot evaluate constant expression: its stack is empty");
}

function readBits64(reader: Reader): bigint {
  reader.readFixed64();
  return BigInt(reader.high >>> 0) << 32n | BigInt(reader.low >>> 0);
}

function constant(type: ValueType, low: number, high: number): ConstOp {
  const bits = high === 0
    ? BigInt(low >>> 0)
    : BigInt.asUintN(64, BigInt(high) << 32n | BigInt(low >>> 0));
  return { op: "const", type, bits };
}
