/**
 * Random functions of the synthetic instruction set: structured control flow over mutable local
 * variables, brought into SSA form as they are built.
 *
 * @module
 */
import { Type } from "../../lib/ir/types.ts";
import { Builder } from "./alloc_machine.ts";

/** A small deterministic generator of numbers. */
export function random(seed: number): (n: number) => number {
  let state = (seed + 1) * 0x9e3779b9 | 0;
  return (n) => {
    state = Math.imul(state ^ (state >>> 15), state | 1);
    state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
    return ((state ^ (state >>> 14)) >>> 0) % n;
  };
}

class Generator {
  readonly b = new Builder();
  readonly pick: (n: number) => number;
  /** The current value of each local: integers, then floats. */
  ints: number[] = [];
  floats: number[] = [];
  budget: number;

  constructor(seed: number, size: number, pressure: number) {
    this.pick = random(seed);
    this.budget = size;
    const [a, c, f] = this.b.params(Type.i32, Type.i32, Type.f64) as [number, number, number];
    this.ints = [a, c];
    this.floats = [f];
    while (this.ints.length < pressure) this.ints.push(this.b.constant(this.pick(1000)));
    while (this.floats.length < 1 + pressure / 3) {
      this.floats.push(this.b.define("floatConstant", this.pick(1000)));
    }
    this.statements(5 + this.pick(8) + (size >> 2), 3);
    for (const v of this.ints) this.b.emit("store", v, this.int());
    this.b.return(this.int(), this.int(), this.float());
  }

  int(): number {
    return this.ints[this.pick(this.ints.length)] as number;
  }
  float(): number {
    return this.floats[this.pick(this.floats.length)] as number;
  }

  statements(count: number, depth: number): void {
    for (let k = 0; k < count && this.budget-- > 0; k++) {
      const kind = this.pick(24);
      if (kind === 0 && depth > 0) this.loop(depth);
      else if (kind <= 2 && depth > 0) this.condition(depth);
      else this.simple(kind);
    }
  }

  simple(kind: number): void {
    const { b } = this, a = this.int(), c = this.int();
    const to = this.pick(this.ints.length), toFloat = this.pick(this.floats.length);
    switch (kind) {
      case 3:
      case 4: {
        const results = b.call(
          this.pick(100),
          this.pick(2) ? [a, c, this.float(), this.float()] : [a],
          this.pick(2) ? [Type.i32, Type.i32, Type.f64] : [],
          this.pick(3) === 0 ? this.int() : undefined,
        );
        if (results.length > 0) {
          this.ints[to] = results[0] as number;
          if (this.pick(2)) this.ints[this.pick(this.ints.length)] = results[1] as number;
          this.floats[toFloat] = results[2] as number;
        }
        break;
      }
      case 5:
        [this.ints[to]] = b.divide(a, c);
        break;
      case 6: {
        const [q, r] = b.divide(a, c);
        this.ints[to] = r;
        this.ints[this.pick(this.ints.length)] = q;
        break;
      }
      case 7:
        this.ints[to] = b.define("shift", a, c);
        break;
      case 8:
        this.ints[to] = b.define("late", a, c);
        break;
      case 9:
        this.ints[to] = b.early(a, c);
        break;
      case 10:
        b.emit("store", a, c);
        break;
      case 11:
        this.ints[to] = b.move(a);
        break;
      case 12:
        this.ints[to] = b.constant(this.pick(5000));
        break;
      case 13:
      case 14:
        this.floats[toFloat] = b.define("floatAdd", this.float(), this.float());
        break;
      case 15:
        this.floats[toFloat] = b.define("floatSubtract", this.float(), this.float());
        break;
      case 16:
        this.floats[toFloat] = b.define("toFloat", a);
        break;
      case 17:
        this.ints[to] = b.define("toInt", this.float());
        break;
      case 18:
        b.define("add", a, c);
        break;
      case 19:
      case 20:
        this.ints[to] = b.define("subtract", a, c);
        break;
      default:
        this.ints[to] = b.define("add", a, c);
    }
  }

  /** Makes parameters of a block for some of the locals; the others must not change meanwhile. */
  parameters(
    block: { params: number[] },
    ints: readonly number[],
    floats: readonly number[],
  ): void {
    for (const k of ints) block.params.push(this.ints[k] = this.b.register(Type.i32));
    for (const k of floats) block.params.push(this.floats[k] = this.b.register(Type.f64));
  }
  values(ints: readonly number[], floats: readonly number[]): number[] {
    return [
      ...ints.map((k) => this.ints[k] as number),
      ...floats.map((k) => this.floats[k] as number),
    ];
  }
  some(list: readonly number[]): number[] {
    return list.map((_, k) => k).filter(() => this.pick(2) === 0);
  }

  /** Locals outside of the given ones take their values back from a copy. */
  restore(
    ints: readonly number[],
    floats: readonly number[],
    savedInts: number[],
    savedFloats: number[],
  ): void {
    this.ints = savedInts.map((v, k) => ints.includes(k) ? this.ints[k] as number : v);
    this.floats = savedFloats.map((v, k) => floats.includes(k) ? this.floats[k] as number : v);
  }

  condition(depth: number): void {
    const { b } = this, ints = this.some(this.ints), floats = this.some(this.floats);
    const savedInts = [...this.ints], savedFloats = [...this.floats];
    const wasCold = b.isCold, isCold = this.pick(3) === 0, hasElse = this.pick(2) === 0;
    b.isCold = wasCold || isCold;
    const then = b.block();
    b.isCold = wasCold;
    const otherwise = b.block();
    b.branch(this.int(), then, otherwise);
    b.current = then;
    b.isCold = wasCold || isCold;
    this.statements(1 + this.pick(5), depth - 1);
    const thenEnd = b.current, thenValues = this.values(ints, floats);
    b.isCold = wasCold;
    this.ints = [...savedInts];
    this.floats = [...savedFloats];
    b.current = otherwise;
    if (hasElse) this.statements(1 + this.pick(5), depth - 1);
    const elseEnd = b.current, elseValues = this.values(ints, floats);
    const join = b.block();
    b.current = thenEnd;
    b.jump(join, ...thenValues);
    b.current = elseEnd;
    b.jump(join, ...elseValues);
    b.current = join;
    this.restore([], [], savedInts, savedFloats);
    this.parameters(join, ints, floats);
  }

  loop(depth: number): void {
    const { b } = this, ints = this.some(this.ints), floats = this.some(this.floats);
    const start = b.constant(1 + this.pick(3)), savedInts = [...this.ints];
    const savedFloats = [...this.floats], before = b.current, initial = this.values(ints, floats);
    b.depth++;
    const header = b.block(), counter = b.register();
    b.depth--;
    b.current = before;
    b.jump(header, start, ...initial);
    b.depth++;
    b.current = header;
    header.params.push(counter);
    this.parameters(header, ints, floats);
    this.statements(2 + this.pick(6), depth - 1);
    const next = b.define("subtract", counter, b.constant(1));
    const again = b.block();
    b.depth--;
    const after = b.block();
    b.branch(next, again, after);
    b.current = again;
    b.jump(header, next, ...this.values(ints, floats));
    b.current = after;
    // What is not a parameter of the header keeps its value from before: a definition of the body
    // may be used after the loop, but not in the next iteration.
    if (this.pick(2) === 0) this.restore(ints, floats, savedInts, savedFloats);
  }
}

/** A random function with two integer and one float parameter. */
export function generate(seed: number, size: number, pressure: number): Builder {
  return new Generator(seed, size, pressure).b;
}
