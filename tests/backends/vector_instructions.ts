/**
 * The 236 vector instructions and the 20 relaxed ones, with their types, from the opcode table: what
 * tests that must leave none of them out go through.
 *
 * @module
 */
import {
  OPCODE_COUNT,
  opcodeFeature,
  type OpcodeName,
  opcodeName,
} from "../../lib/wasm/opcodes.ts";

/** Types of operands and results. */
export type OperandType = "v128" | "i32" | "i64" | "f32" | "f64";
/** Shapes of vectors. */
export type Shape = "i8x16" | "i16x8" | "i32x4" | "i64x2" | "f32x4" | "f64x2";

/** One instruction. */
export interface VectorInstruction {
  readonly name: OpcodeName;
  readonly isRelaxed: boolean;
  readonly params: readonly OperandType[];
  readonly result: OperandType | undefined;
  /** How many lanes its immediate may name, 0 without one. */
  readonly lanes: number;
  /** The shape as which it reads its operands. */
  readonly reads: Shape;
}

const isUnary =
  /\.(not|abs|neg|popcnt|sqrt|ceil|floor|trunc|nearest|ext(end|add)_.*|convert_.*|(relaxed_)?trunc_.*|demote_.*|promote_.*)$/;
const isTernary = /\.(bitselect|relaxed_n?madd|relaxed_laneselect|relaxed_dot_.*_add_s)$/;
const isShift = /\.sh[lr](_[su])?$/;
const isTest = /\.(any_true|all_true|bitmask)$/;

function scalarOf(shape: string): OperandType {
  const type = shape.slice(0, shape.indexOf("x"));
  return type === "i8" || type === "i16" ? "i32" : type as OperandType;
}

function typesOf(name: string): Pick<VectorInstruction, "params" | "result"> {
  const shape = name.slice(0, name.indexOf("."));
  if (name === "v128.const") return { params: [], result: "v128" };
  if (name.startsWith("v128.load")) {
    return { params: name.endsWith("_lane") ? ["i32", "v128"] : ["i32"], result: "v128" };
  }
  if (name.startsWith("v128.store")) return { params: ["i32", "v128"], result: undefined };
  if (name.endsWith(".splat")) return { params: [scalarOf(shape)], result: "v128" };
  if (name.includes(".extract_lane")) return { params: ["v128"], result: scalarOf(shape) };
  if (name.endsWith(".replace_lane")) return { params: ["v128", scalarOf(shape)], result: "v128" };
  if (isShift.test(name)) return { params: ["v128", "i32"], result: "v128" };
  if (isTest.test(name)) return { params: ["v128"], result: "i32" };
  if (isUnary.test(name)) return { params: ["v128"], result: "v128" };
  if (isTernary.test(name)) return { params: ["v128", "v128", "v128"], result: "v128" };
  return { params: ["v128", "v128"], result: "v128" };
}

function lanesOf(name: string): number {
  const access = /^v128\.(?:load|store)(\d+)_lane$/.exec(name);
  if (access !== null) return 128 / Number(access[1]);
  return /\.(extract|replace)_lane/.test(name) ? Number(/x(\d+)\./.exec(name)?.[1]) : 0;
}

/** The shape that a name says last is the one that is read; bits and memory are bytes. */
function readsOf(name: string): Shape {
  if (name.includes("relaxed_dot")) return "i8x16";
  return (name.match(/[if]\d+x\d+/g)?.filter((s) => s !== "i7x16").at(-1) ?? "i8x16") as Shape;
}

function instructions(): VectorInstruction[] {
  const list: VectorInstruction[] = [];
  for (let opcode = 0; opcode < OPCODE_COUNT; opcode++) {
    const name = opcodeName(opcode);
    if (name === undefined) continue;
    const isRelaxed = opcodeFeature(opcode) === "relaxed-simd";
    if (!isRelaxed && opcodeFeature(opcode) !== "simd") continue;
    list.push({ name, isRelaxed, ...typesOf(name), lanes: lanesOf(name), reads: readsOf(name) });
  }
  return list;
}

/** All of them, in the order of their opcodes. */
export const vectorInstructions: readonly VectorInstruction[] = instructions();

/** The lanes that shuffles get where any will do. */
export const SHUFFLED = "3 17 4 30 5 6 7 0 1 16 9 12 2 3 20 8";

/** An instruction as a folded expression of these operands; `memory` is an offset and the like. */
export function expression(
  { name, lanes }: VectorInstruction,
  operands: readonly string[],
  { lane = 0, memory = "" }: { lane?: number; memory?: string } = {},
): string {
  const immediates = name === "v128.const"
    ? "i64x2 0x0706050403020100 0x0f0e0d0c0b0a0908"
    : name === "i8x16.shuffle"
    ? SHUFFLED
    : `${memory} ${lanes > 0 ? lane : ""}`;
  return `(${name} ${immediates} ${operands.join(" ")})`;
}
