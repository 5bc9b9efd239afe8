/**
 * Translates the vector instructions that are more than an operator of the same name: those with
 * immediates, loads and stores that do something else besides, and relaxed instructions, whose
 * results are the same on every target (`docs/simd.md` says which).
 *
 * @module
 */
import { unreachable } from "../base/errors.ts";
import type { Builder } from "../ir/builder.ts";
import type { Value } from "../ir/func.ts";
import { Op, type OpName } from "../ir/ops.ts";
import { Opcode, OPCODE_COUNT, type OpcodeName, opcodeName } from "../wasm/opcodes.ts";
import type { Reader } from "../wasm/reader.ts";
import type { FunctionEnvironment } from "./function_environment.ts";

const Form = {
  none: 0,
  const: 1,
  shuffle: 2,
  /** `first` is the operator. */
  extract: 3,
  replace: 4,
  bitselect: 5,
  /** `first` loads what `second` is applied to. */
  loadThen: 6,
  /** `first` loads the lane that `second` replaces. */
  loadLane: 7,
  /** `first` stores the lane that `second` extracts. */
  storeLane: 8,
  /** `second(c, first(a, b))`. */
  chain: 9,
  dotAdd: 10,
} as const;
type Form = typeof Form[keyof typeof Form];

const forms = new Uint8Array(OPCODE_COUNT);
const firstOps = new Uint16Array(OPCODE_COUNT);
const secondOps = new Uint16Array(OPCODE_COUNT);

function row(name: OpcodeName, form: Form, first: OpName = "param", second: OpName = first): void {
  const opcode = Opcode[name];
  forms[opcode] = form;
  firstOps[opcode] = Op[first];
  secondOps[opcode] = Op[second];
}

row("v128.const", Form.const);
row("i8x16.shuffle", Form.shuffle);
for (const shape of ["i8x16", "i16x8"] as const) {
  row(`${shape}.extract_lane_s`, Form.extract, `${shape}_extract_lane_s`);
  row(`${shape}.extract_lane_u`, Form.extract, `${shape}_extract_lane_u`);
}
for (const shape of ["i32x4", "i64x2", "f32x4", "f64x2"] as const) {
  row(`${shape}.extract_lane`, Form.extract, `${shape}_extract_lane`);
}
for (const shape of ["i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2"] as const) {
  row(`${shape}.replace_lane`, Form.replace, `${shape}_replace_lane`);
}
row("v128.bitselect", Form.bitselect);
for (const shape of ["i8x16", "i16x8", "i32x4", "i64x2"] as const) {
  row(`${shape}.relaxed_laneselect`, Form.bitselect);
}

row("v128.load8_splat", Form.loadThen, "i32_load8_u", "i8x16_splat");
row("v128.load16_splat", Form.loadThen, "i32_load16_u", "i16x8_splat");
row("v128.load32_splat", Form.loadThen, "i32_load", "i32x4_splat");
row("v128.load64_splat", Form.loadThen, "i64_load", "i64x2_splat");
for (const sign of ["s", "u"] as const) {
  row(`v128.load8x8_${sign}`, Form.loadThen, "v128_load64_zero", `i16x8_extend_low_i8x16_${sign}`);
  row(`v128.load16x4_${sign}`, Form.loadThen, "v128_load64_zero", `i32x4_extend_low_i16x8_${sign}`);
  row(`v128.load32x2_${sign}`, Form.loadThen, "v128_load64_zero", `i64x2_extend_low_i32x4_${sign}`);
}
row("v128.load8_lane", Form.loadLane, "i32_load8_u", "i8x16_replace_lane");
row("v128.load16_lane", Form.loadLane, "i32_load16_u", "i16x8_replace_lane");
row("v128.load32_lane", Form.loadLane, "i32_load", "i32x4_replace_lane");
row("v128.load64_lane", Form.loadLane, "i64_load", "i64x2_replace_lane");
row("v128.store8_lane", Form.storeLane, "i32_store8", "i8x16_extract_lane_u");
row("v128.store16_lane", Form.storeLane, "i32_store16", "i16x8_extract_lane_u");
row("v128.store32_lane", Form.storeLane, "i32_store", "i32x4_extract_lane");
row("v128.store64_lane", Form.storeLane, "i64_store", "i64x2_extract_lane");

for (const shape of ["f32x4", "f64x2"] as const) {
  row(`${shape}.relaxed_madd`, Form.chain, `${shape}_mul`, `${shape}_add`);
  row(`${shape}.relaxed_nmadd`, Form.chain, `${shape}_mul`, `${shape}_sub`);
}
row("i32x4.relaxed_dot_i8x16_i7x16_add_s", Form.dotAdd);

/** Whether {@linkcode VectorOperators.translate} translates an opcode. */
export function isVectorOperator(opcode: number): boolean {
  return forms[opcode] !== Form.none;
}

/** Translates vector instructions; see the module's comment. */
export class VectorOperators {
  readonly #environment: FunctionEnvironment;
  readonly #builder: Builder;

  constructor(environment: FunctionEnvironment, builder: Builder) {
    this.#environment = environment;
    this.#builder = builder;
  }

  /**
   * Translates one operator, whose immediates the reader stands before, on a stack of `height`
   * values with room for one more; gives the new height.
   */
  translate(opcode: number, reader: Reader, stack: Int32Array, height: number): number {
    const builder = this.#builder;
    const first = firstOps[opcode] as Op, second = secondOps[opcode] as Op;
    switch (forms[opcode]) {
      case Form.const:
        stack[height] = this.#constant(reader);
        return height + 1;
      case Form.shuffle: {
        const lanes = readVector(reader, builder);
        const a = stack[height - 2] as Value, b = stack[height - 1] as Value;
        stack[height - 2] = builder.shuffle(a, b, lanes);
        return height - 1;
      }
      case Form.extract:
        stack[height - 1] = builder.extractLane(
          first,
          stack[height - 1] as Value,
          reader.readByte(),
        );
        return height;
      case Form.replace: {
        const a = stack[height - 2] as Value, scalar = stack[height - 1] as Value;
        stack[height - 2] = builder.replaceLane(first, a, scalar, reader.readByte());
        return height - 1;
      }
      case Form.bitselect:
        stack[height - 3] = builder.bitselect(
          stack[height - 3] as Value,
          stack[height - 2] as Value,
          stack[height - 1] as Value,
        );
        return height - 2;
      case Form.loadThen:
        stack[height - 1] = builder.unary(
          second,
          this.#load(first, reader, stack[height - 1] as Value),
        );
        return height;
      case Form.loadLane:
      case Form.storeLane:
        return this.#lane(opcode, reader, stack, height);
      case Form.chain: {
        const product = builder.binary(
          first,
          stack[height - 3] as Value,
          stack[height - 2] as Value,
        );
        stack[height - 3] = builder.binary(second, stack[height - 1] as Value, product);
        return height - 2;
      }
      case Form.dotAdd: {
        const a = stack[height - 3] as Value, b = stack[height - 2] as Value;
        const dot = builder.binary(Op.i16x8_dot_i8x16_s, a, b);
        const pairs = builder.unary(Op.i32x4_extadd_pairwise_i16x8_s, dot);
        stack[height - 3] = builder.binary(Op.i32x4_add, pairs, stack[height - 1] as Value);
        return height - 2;
      }
      default:
        unreachable(`Cannot translate "${opcodeName(opcode)}": it is no vector instruction`);
    }
  }

  #constant(reader: Reader): Value {
    const w0 = reader.readFixed32(), w1 = reader.readFixed32();
    return this.#builder.vector(w0, w1, reader.readFixed32(), reader.readFixed32());
  }

  #load(op: Op, reader: Reader, index: Value): Value {
    reader.readMemarg();
    return this.#environment.loadMemory(op, reader.memory, index, reader.low);
  }

  #lane(opcode: number, reader: Reader, stack: Int32Array, height: number): number {
    const builder = this.#builder;
    const access = firstOps[opcode] as Op, lane = secondOps[opcode] as Op;
    const index = stack[height - 2] as Value, vector = stack[height - 1] as Value;
    if (forms[opcode] === Form.loadLane) {
      const scalar = this.#load(access, reader, index);
      stack[height - 2] = builder.replaceLane(lane, vector, scalar, reader.readByte());
      return height - 1;
    }
    reader.readMemarg();
    const { memory, low } = reader;
    const scalar = builder.extractLane(lane, vector, reader.readByte());
    this.#environment.storeMemory(access, memory, index, scalar, low);
    return height - 2;
  }
}

/** Reads 16 bytes into the function's vectors. */
function readVector(reader: Reader, builder: Builder): number {
  const w0 = reader.readFixed32(), w1 = reader.readFixed32();
  return builder.func.vectors.add(w0, w1, reader.readFixed32(), reader.readFixed32());
}
