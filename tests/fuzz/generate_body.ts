/** Random function bodies. */
import { signed, unsigned } from "./encoding.ts";
import { constantOf, type Shape, type Signature, Type, types } from "./shape.ts";
import type { Random } from "./random.ts";

/** A label that a branch may name, innermost last. */
interface Label {
  /** What a branch to it takes. */
  readonly types: readonly Type[];
}

/** Operators by the types they take and give: the first opcode and how many follow it. */
type Range = readonly [first: number, count: number];
const unary: Readonly<Record<Type, readonly (readonly [Type, Range])[]>> = {
  [Type.i32]: [
    [Type.i32, [0x67, 3]],
    [Type.i32, [0xc0, 2]],
    [Type.i32, [0x45, 1]],
    [Type.i64, [0x50, 1]],
    [Type.i64, [0xa7, 1]],
  ],
  [Type.i64]: [
    [Type.i64, [0x79, 3]],
    [Type.i64, [0xc2, 3]],
    [Type.i32, [0xac, 2]],
  ],
  [Type.f32]: [
    [Type.f32, [0x8b, 7]],
    [Type.i32, [0xb2, 2]],
    [Type.i64, [0xb4, 2]],
    [Type.f64, [0xb6, 1]],
    [Type.i32, [0xbe, 1]],
  ],
  [Type.f64]: [
    [Type.f64, [0x99, 7]],
    [Type.i32, [0xb7, 2]],
    [Type.i64, [0xb9, 2]],
    [Type.f32, [0xbb, 1]],
    [Type.i64, [0xbf, 1]],
  ],
};
const binary: Readonly<Record<Type, readonly (readonly [Type, Range])[]>> = {
  [Type.i32]: [
    [Type.i32, [0x6a, 3]],
    [Type.i32, [0x71, 8]],
    [Type.i32, [0x46, 10]],
    [Type.i64, [0x51, 10]],
    [Type.f32, [0x5b, 6]],
    [Type.f64, [0x61, 6]],
  ],
  [Type.i64]: [[Type.i64, [0x7c, 3]], [Type.i64, [0x83, 8]]],
  [Type.f32]: [[Type.f32, [0x92, 6]]],
  [Type.f64]: [[Type.f64, [0xa0, 6]]],
};
/** Opcodes with the bytes they access. */
const loads: Readonly<Record<Type, readonly Range[]>> = {
  [Type.i32]: [[0x28, 4], [0x2c, 1], [0x2d, 1], [0x2e, 2], [0x2f, 2]],
  // deno-fmt-ignore
  [Type.i64]: [[0x29, 8], [0x30, 1], [0x31, 1], [0x32, 2], [0x33, 2], [0x34, 4], [0x35, 4]],
  [Type.f32]: [[0x2a, 4]],
  [Type.f64]: [[0x2b, 8]],
};
const stores: Readonly<Record<Type, readonly Range[]>> = {
  [Type.i32]: [[0x36, 4], [0x3a, 1], [0x3b, 2]],
  [Type.i64]: [[0x37, 8], [0x3c, 1], [0x3d, 2], [0x3e, 4]],
  [Type.f32]: [[0x38, 4]],
  [Type.f64]: [[0x39, 8]],
};
/** Division and remainder. */
const division: Readonly<Partial<Record<Type, number>>> = { [Type.i32]: 0x6d, [Type.i64]: 0x7f };

const isFloat = (type: Type): boolean => type === Type.f32 || type === Type.f64;

/** Generates one body. */
export class BodyGenerator {
  readonly #locals: Type[];
  readonly #labels: Label[];
  /** Instructions that may still be generated; keeps bodies small. */
  #budget: number;
  #code: number[] = [];

  constructor(
    readonly shape: Shape,
    readonly random: Random,
    readonly signature: Signature,
  ) {
    const declared = random.oneIn(5) ? 24 : 6;
    this.#locals = [...signature.params];
    for (let n = 4 + random.below(declared); n > 0; n--) this.#locals.push(random.pick(types));
    // One of each type, so that every type has somewhere to go.
    this.#locals.push(...types);
    this.#labels = [{ types: signature.results }];
    this.#budget = random.oneIn(8) ? 600 : 40 + random.below(160);
  }

  /** The locals and code of the body. */
  body(): number[] {
    this.#spendFuel(() => {
      for (const type of this.signature.results) this.#emit(...this.#zero(type));
      this.#emit(0x0f);
    });
    this.#statements(3 + this.random.below(8), 0);
    for (const type of this.signature.results) this.#expression(type, 0);
    this.#emit(0x0b);
    const declared = this.#locals.slice(this.signature.params.length);
    return [...unsigned(declared.length), ...declared.flatMap((type) => [1, type]), ...this.#code];
  }

  // ── Helpers ───────────────────────────────────────────────────────────────────────────────────

  #emit(...bytes: number[]): void {
    for (const byte of bytes) this.#code.push(byte);
  }
  #zero(type: Type): number[] {
    return type === Type.i32
      ? [0x41, 0]
      : type === Type.i64
      ? [0x42, 0]
      : type === Type.f32
      ? [0x43, 0, 0, 0, 0]
      : [0x44, 0, 0, 0, 0, 0, 0, 0, 0];
  }
  #localOf(type: Type): number {
    const own = this.#locals.flatMap((other, n) => other === type ? [n] : []);
    return this.random.pick(own);
  }
  #globalOf(type: Type): number {
    const own = this.shape.globals.flatMap((other, n) => n > 0 && other === type ? [n] : []);
    return this.random.pick(own);
  }
  #setLocal(type: Type): void {
    this.#emit(this.random.oneIn(8) ? 0x22 : 0x21);
    const isTee = this.#code.at(-1) === 0x22;
    this.#emit(...unsigned(this.#localOf(type)));
    if (isTee) this.#emit(0x1a);
  }
  /** Takes the values on the stack, last type on top. */
  #consume(values: readonly Type[]): void {
    for (let n = values.length - 1; n >= 0; n--) {
      if (this.random.oneIn(6)) this.#emit(0x1a);
      else this.#setLocal(values[n] as Type);
    }
  }
  /** A block type: nothing, a result, or a signature of the module. */
  #blockType(params: readonly Type[], results: readonly Type[]): number[] {
    if (params.length === 0 && results.length === 0) return [0x40];
    if (params.length === 0 && results.length === 1) return [results[0] as Type];
    const index = this.shape.signatures.findIndex((s) =>
      s.params === params && s.results === results
    );
    return signed(BigInt(index));
  }
  /** Decrements the fuel; `otherwise` must leave when there is none. */
  #spendFuel(otherwise: () => void): void {
    this.#emit(0x23, 0, 0x45, 0x04, 0x40);
    otherwise();
    this.#emit(0x0b, 0x23, 0, 0x41, 1, 0x6b, 0x24, 0);
  }

  // ── Statements ────────────────────────────────────────────────────────────────────────────────

  #statements(count: number, depth: number): void {
    for (; count > 0 && this.#budget > 0; count--) this.#statement(depth);
  }

  #statement(depth: number): void {
    const { random } = this;
    this.#budget--;
    const choice = random.below(depth > 5 ? 12 : 22);
    switch (choice) {
      case 0:
      case 1:
      case 2: {
        const type = random.pick(types);
        this.#expression(type, 0);
        this.#setLocal(type);
        return;
      }
      case 3: {
        const type = random.pick(types);
        this.#expression(type, 0);
        this.#emit(0x24, ...unsigned(this.#globalOf(type)));
        return;
      }
      case 4:
      case 5:
      case 6:
        return this.#store();
      case 7:
        return this.#branchIf();
      case 8:
        return this.#bulk();
      case 9:
      case 10:
        return this.#call();
      case 11:
        if (random.oneIn(20)) this.#emit(0x41, 0, 0x04, 0x40, 0x00, 0x0b);
        return this.#copyBits();
      case 12:
      case 13:
        return this.#if(depth);
      case 14:
      case 15:
      case 16:
        return this.#loop(depth);
      case 17:
        return this.#branchTable(depth);
      case 18:
        return this.#multiValueBlock(depth);
      default:
        return this.#block(depth);
    }
  }

  #block(depth: number): void {
    this.#emit(0x02, 0x40);
    this.#labels.push({ types: [] });
    this.#statements(1 + this.random.below(4), depth + 1);
    this.#maybeLeave();
    this.#labels.pop();
    this.#emit(0x0b);
  }

  /** Ends a block with an unconditional branch now and then. */
  #maybeLeave(): void {
    if (!this.random.oneIn(4)) return;
    const target = this.random.below(this.#labels.length);
    this.#branchArguments(target);
    this.#emit(0x0c, ...unsigned(target));
    // What follows is unreachable, and must be skipped by the translator.
    if (this.random.oneIn(3)) this.#emit(0x6a, 0x1a);
  }

  #branchArguments(target: number): void {
    const label = this.#labels.at(-1 - target) as Label;
    for (const type of label.types) this.#expression(type, 2);
  }

  #branchIf(): void {
    const target = this.random.below(this.#labels.length);
    this.#branchArguments(target);
    this.#expression(Type.i32, 1);
    this.#emit(0x0d, ...unsigned(target));
    this.#consume((this.#labels.at(-1 - target) as Label).types);
  }

  #if(depth: number): void {
    this.#expression(Type.i32, 1);
    this.#emit(0x04, 0x40);
    this.#labels.push({ types: [] });
    this.#statements(1 + this.random.below(4), depth + 1);
    this.#maybeLeave();
    if (this.random.oneIn(2)) {
      this.#emit(0x05);
      this.#statements(1 + this.random.below(3), depth + 1);
      this.#maybeLeave();
    }
    this.#labels.pop();
    this.#emit(0x0b);
  }

  /** `block { loop { fuel or leave; statements; repeat while … } }`. */
  #loop(depth: number): void {
    this.#emit(0x02, 0x40);
    this.#labels.push({ types: [] });
    const withParams = this.random.oneIn(3)
      ? this.shape.signatures.find(({ params, results }) =>
        params.length > 0 && results.length === 0
      )
      : undefined;
    const params = withParams?.params ?? [];
    for (const type of params) this.#expression(type, 1);
    this.#emit(0x03, ...this.#blockType(params, withParams?.results ?? []));
    this.#labels.push({ types: params });
    this.#consume(params);
    this.#spendFuel(() => this.#emit(0x0c, 2));
    this.#statements(1 + this.random.below(5), depth + 1);
    this.#branchArguments(0);
    this.#expression(Type.i32, 1);
    this.#emit(0x0d, 0);
    this.#consume(params);
    this.#labels.pop();
    this.#emit(0x0b);
    this.#labels.pop();
    this.#emit(0x0b);
  }

  #branchTable(depth: number): void {
    const { random } = this;
    const blocks = 2 + random.below(4);
    for (let n = 0; n < blocks; n++) {
      this.#emit(0x02, 0x40);
      this.#labels.push({ types: [] });
    }
    const targets = Array.from({ length: random.below(8) }, () => random.below(blocks));
    this.#expression(Type.i32, 1);
    if (random.oneIn(2)) this.#emit(0x41, 7, 0x71);
    this.#emit(0x0e, ...unsigned(targets.length));
    for (const target of [...targets, random.below(blocks)]) this.#emit(...unsigned(target));
    for (let n = 0; n < blocks; n++) {
      this.#labels.pop();
      this.#emit(0x0b);
      if (random.oneIn(2)) this.#statements(1, depth + 1);
    }
  }

  /** A block that takes and gives several values, or an `if` of that kind. */
  #multiValueBlock(depth: number): void {
    const { random } = this;
    const signature = random.pick(this.shape.signatures);
    const { params, results } = signature;
    for (const type of params) this.#expression(type, 2);
    const isIf = random.oneIn(2);
    if (isIf) this.#expression(Type.i32, 1);
    this.#emit(isIf ? 0x04 : 0x02, ...this.#blockType(params, results));
    this.#labels.push({ types: results });
    for (let arm = 0; arm < (isIf ? 2 : 1); arm++) {
      if (arm === 1) this.#emit(0x05);
      this.#consume(params);
      this.#statements(1 + random.below(2), depth + 1);
      for (const type of results) this.#expression(type, 2);
    }
    this.#labels.pop();
    this.#emit(0x0b);
    this.#consume(results);
  }

  #store(): void {
    const type = this.random.pick(types);
    const [opcode, bytes] = this.random.pick(stores[type]);
    const offset = this.#address(bytes);
    this.#observable(type);
    this.#emit(opcode, this.random.below(Math.log2(bytes) + 1), ...unsigned(offset));
  }

  /** Moves the bits of a float, which may be a signalling NaN, through a register. */
  #copyBits(): void {
    const isDouble = this.random.oneIn(2);
    const to = this.#address(8);
    const from = this.#address(8);
    this.#emit(isDouble ? 0x2b : 0x2a, 0, ...unsigned(from));
    if (this.random.oneIn(2)) this.#emit(isDouble ? 0xbd : 0xbc, isDouble ? 0xbf : 0xbe);
    this.#emit(isDouble ? 0x39 : 0x38, 0, ...unsigned(to));
  }

  #call(): void {
    const { random, shape } = this;
    if (random.oneIn(8)) {
      const type = random.below(shape.signatures.length);
      const { params, results } = shape.signatures[type] as Signature;
      for (const param of params) this.#expression(param, 1);
      this.#expression(Type.i32, 2);
      if (!random.oneIn(8)) this.#emit(0x41, ...signed(BigInt(shape.tableLength)), 0x70);
      this.#emit(0x11, ...unsigned(type), 0);
      this.#consume(results);
      return;
    }
    const index = random.below(shape.functions.length);
    const { params, results } = this.#signatureOf(index);
    for (const param of params) this.#expression(param, 1);
    this.#emit(0x10, ...unsigned(index));
    this.#consume(results);
  }

  #signatureOf(index: number): Signature {
    return this.shape.signatures[this.shape.functions[index] as number] as Signature;
  }

  /** A bulk or table instruction. */
  #bulk(): void {
    const { random, shape } = this;
    const small = (most: number): void => {
      if (random.oneIn(60)) this.#expression(Type.i32, 2);
      else this.#emit(0x41, ...signed(BigInt(random.below(most))));
    };
    const slot = (): void => small(shape.tableLength);
    switch (random.below(12)) {
      case 0:
        this.#address(8);
        this.#expression(Type.i32, 2);
        small(300);
        return this.#emit(0xfc, 11, 0);
      case 1:
      case 2:
        this.#address(8);
        this.#address(8);
        small(300);
        return this.#emit(0xfc, 10, 0, 0);
      case 3:
        this.#address(8);
        small(10);
        small(Math.max(1, shape.dataLength - 10));
        return this.#emit(0xfc, 8, 1, 0);
      case 4:
        if (random.oneIn(6)) this.#emit(0xfc, 9, 1);
        return;
      case 5:
        slot();
        slot();
        small(3);
        return this.#emit(0xfc, 14, 0, 0);
      case 6:
        slot();
        small(2);
        small(shape.elementCount + 1);
        return this.#emit(0xfc, 12, 1, 0);
      case 7:
        if (random.oneIn(6)) this.#emit(0xfc, 13, 1);
        return;
      case 8:
        slot();
        slot();
        return this.#emit(0x25, 0, 0x26, 0);
      case 9:
        slot();
        this.#reference();
        small(3);
        return this.#emit(0xfc, 17, 0);
      case 10:
        this.#reference();
        small(3);
        this.#emit(0xfc, 15, 0);
        return this.#setLocal(Type.i32);
      case 11:
        slot();
        this.#reference();
        return this.#emit(0x26, 0);
    }
  }

  #reference(): void {
    const { random, shape } = this;
    if (random.oneIn(3)) this.#emit(0xd0, 0x70);
    else {
      this.#emit(
        0xd2,
        ...unsigned(
          shape.importedFunctions + random.below(
            shape.functions.length - shape.importedFunctions,
          ),
        ),
      );
    }
  }

  // ── Expressions ───────────────────────────────────────────────────────────────────────────────

  /** Puts an address on the stack and returns the offset to use with it; rarely out of bounds. */
  #address(bytes: number): number {
    const { random } = this;
    if (random.oneIn(200)) {
      this.#expression(Type.i32, 2);
      return random.oneIn(2) ? 0 : random.bits() >>> random.below(31);
    }
    if (random.oneIn(60)) {
      // Around the end of the first page.
      const offset = random.below(20);
      this.#emit(0x41, ...signed(BigInt(65536 - offset - random.below(bytes + 2))));
      return offset;
    }
    this.#expression(Type.i32, 2);
    this.#emit(0x41, ...signed(random.oneIn(3) ? 0xfff8n : 0x7cn), 0x71);
    if (random.oneIn(3)) this.#emit(0x41, ...signed(BigInt(random.below(64))), 0x6a);
    return random.below(64) * (random.oneIn(6) ? 100 : 1);
  }

  /** A value whose bits will be seen: no NaN. */
  #observable(type: Type): void {
    this.#expression(type, 1);
    if (!isFloat(type)) return;
    const local = this.#localOf(type);
    this.#emit(0x22, ...unsigned(local), ...this.#zero(type));
    this.#emit(0x20, ...unsigned(local), 0x20, ...unsigned(local));
    this.#emit(type === Type.f32 ? 0x5b : 0x61, 0x1b);
  }

  #expression(type: Type, depth: number): void {
    const { random } = this;
    this.#budget--;
    if (depth > 5 || this.#budget < 0 || random.oneIn(4)) return this.#leaf(type);
    switch (random.below(16)) {
      case 0:
      case 1:
      case 2: {
        const [operand, [first, count]] = random.pick(unary[type]);
        this.#expression(operand, depth + 1);
        return this.#emit(first + random.below(count));
      }
      case 3:
      case 4:
      case 5:
      case 6:
      case 7: {
        const [operand, [first, count]] = random.pick(binary[type]);
        this.#expression(operand, depth + 1);
        if (random.oneIn(3)) this.#emit(...constantOf(operand, random));
        else this.#expression(operand, depth + 1);
        return this.#emit(first + random.below(count));
      }
      case 8:
        return this.#special(type, depth);
      case 9:
      case 10: {
        const [opcode, bytes] = random.pick(loads[type]);
        const offset = this.#address(bytes);
        return this.#emit(opcode, random.below(Math.log2(bytes) + 1), ...unsigned(offset));
      }
      case 11: {
        this.#expression(type, depth + 1);
        this.#expression(type, depth + 1);
        this.#expression(Type.i32, depth + 1);
        return this.#emit(...(random.oneIn(2) ? [0x1b] : [0x1c, 1, type]));
      }
      case 12: {
        this.#expression(Type.i32, depth + 1);
        this.#emit(0x04, type);
        this.#labels.push({ types: [type] });
        this.#expression(type, depth + 1);
        this.#emit(0x05);
        this.#expression(type, depth + 1);
        this.#labels.pop();
        return this.#emit(0x0b);
      }
      case 13: {
        this.#emit(0x02, type);
        this.#labels.push({ types: [type] });
        this.#statements(1, 5);
        this.#expression(type, depth + 1);
        if (random.oneIn(2)) {
          this.#expression(Type.i32, depth + 1);
          this.#emit(0x0d, 0);
        }
        this.#labels.pop();
        return this.#emit(0x0b);
      }
      case 14:
        this.#expression(type, depth + 1);
        return this.#emit(0x22, ...unsigned(this.#localOf(type)));
      default:
        return this.#leaf(type);
    }
  }

  /** Divisions, conversions and other operators that may trap or need care. */
  #special(type: Type, depth: number): void {
    const { random } = this;
    const first = division[type];
    if (first !== undefined && random.oneIn(2)) {
      this.#expression(type, depth + 1);
      if (random.oneIn(3)) {
        this.#emit(...constantOf(type, random));
      } else {
        this.#expression(type, depth + 1);
        if (!random.oneIn(10)) {
          this.#emit(...(type === Type.i32 ? [0x41, 1, 0x72] : [0x42, 1, 0x84]));
        }
      }
      return this.#emit(first + random.below(4));
    }
    if (isFloat(type)) {
      this.#expression(type, depth + 1);
      this.#observable(type);
      return this.#emit(type === Type.f32 ? 0x98 : 0xa6);
    }
    const source = random.pick([Type.f32, Type.f64]);
    const choice = random.below(5);
    if (choice === 0) {
      // Reinterpretation keeps the width.
      this.#observable(type === Type.i32 ? Type.f32 : Type.f64);
      return this.#emit(type === Type.i32 ? 0xbc : 0xbd);
    }
    this.#expression(source, depth + 1);
    const variant = (source === Type.f32 ? 0 : 2) + random.below(2);
    if (choice === 1) return this.#emit((type === Type.i32 ? 0xa8 : 0xae) + variant);
    this.#emit(0xfc, (type === Type.i32 ? 0 : 4) + variant);
  }

  #leaf(type: Type): void {
    const { random } = this;
    const choice = random.below(10);
    if (choice < 3) return this.#emit(...constantOf(type, random));
    if (choice === 3) return this.#emit(0x23, ...unsigned(this.#globalOf(type)));
    if (choice === 4 && type === Type.i32) {
      switch (random.below(4)) {
        case 0:
          return this.#emit(0x3f, 0);
        case 1:
          return this.#emit(0x41, random.below(2), 0x40, 0);
        case 2:
          return this.#emit(0xfc, 16, 0);
        default:
          this.#reference();
          return this.#emit(0xd1);
      }
    }
    this.#emit(0x20, ...unsigned(this.#localOf(type)));
  }
}
