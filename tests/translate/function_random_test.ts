/** Random structured programs, the same at every run, compute what they do in V8. */
import { verify } from "../../lib/ir/verifier.ts";
import { compare } from "./function_oracle.ts";

/** A pseudo-random sequence (xorshift). */
class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  }
  below(n: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) % n;
  }
}

/** A label in scope; a branch to it takes `arity` operands. */
interface Label {
  readonly name: string;
  readonly arity: 0 | 1;
}

/** Writes one function of two parameters and some locals, all i32, that always ends. */
class Program {
  readonly #random: Random;
  readonly #labels: Label[] = [];
  #names = 0;
  /** How much more may be written. */
  #budget = 120;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  text(): string {
    return `(module (func (export "f") (param $v0 i32) (param $v1 i32) (result i32)
      (local $v2 i32) (local $v3 i32) (local $v4 i32) (local $fuel i32)
      (local.set $fuel (i32.const 40))
      ${this.#statements(4)}
      (i32.xor (i32.add (local.get $v0) (i32.mul (local.get $v1) (i32.const 31)))
        (i32.add (i32.mul (local.get $v2) (i32.const 7))
          (i32.sub (local.get $v3) (i32.rotl (local.get $v4) (i32.const 9)))))))`;
  }

  #variable(): string {
    return `$v${this.#random.below(5)}`;
  }

  #statements(depth: number): string {
    const lines: string[] = [];
    for (let n = 1 + this.#random.below(4); n > 0; n--) lines.push(this.#statement(depth));
    return lines.join("\n");
  }

  #statement(depth: number): string {
    const kind = this.#random.below(depth > 0 && this.#budget-- > 0 ? 16 : 4);
    switch (kind) {
      case 0:
      case 1:
      case 2:
        return `(local.set ${this.#variable()} ${this.#expression(2)})`;
      case 3:
        return this.#branch(depth);
      case 4:
      case 5:
      case 6:
        return this.#inLabel(0, (l) => `(block ${l} ${this.#statements(depth - 1)})`);
      case 7:
      case 8:
      case 9:
        return this.#inLabel(
          0,
          (l) =>
            `(loop ${l} (if (i32.eqz (local.get $fuel)) (then (return (local.get $v0))))
            (local.set $fuel (i32.sub (local.get $fuel) (i32.const 1)))
            ${this.#statements(depth - 1)})`,
        );
      case 10:
      case 11:
        return this.#inLabel(
          0,
          (l) => `(if ${l} ${this.#expression(1)} (then ${this.#statements(depth - 1)}))`,
        );
      case 12:
      case 13:
        return this.#inLabel(
          0,
          (l) =>
            `(if ${l} ${this.#expression(1)} (then ${this.#statements(depth - 1)})
            (else ${this.#statements(depth - 1)}))`,
        );
      default: {
        const into = this.#variable();
        return this.#inLabel(
          1,
          (l) =>
            `(local.set ${into} (block ${l} (result i32) ${this.#statements(depth - 1)}
            ${this.#expression(1)}))`,
        );
      }
    }
  }

  #inLabel(arity: 0 | 1, write: (label: string) => string): string {
    const name = `$l${this.#names++}`;
    this.#labels.push({ name, arity });
    const text = write(name);
    this.#labels.pop();
    return text;
  }

  #branch(depth: number): string {
    const count = this.#labels.length;
    if (count === 0) return "(nop)";
    const { name, arity } = this.#labels[this.#random.below(count)]!;
    const operand = arity === 1 ? this.#expression(1) : "";
    switch (this.#random.below(8)) {
      case 0:
        return depth > 1 ? `(br ${name} ${operand})` : "(nop)";
      case 1:
      case 2: {
        const same = this.#labels.filter((label) => label.arity === arity);
        const names = Array.from(
          { length: 1 + this.#random.below(5) },
          () => same[this.#random.below(same.length)]!.name,
        );
        // In an `if`, so that the code after it can be reached.
        return `(if ${this.#expression(0)} (then
          (br_table ${names.join(" ")} ${operand} (i32.and ${
          this.#expression(1)
        } (i32.const 7)))))`;
      }
      default: {
        const drop = arity === 1 ? "(drop)" : "";
        return `(br_if ${name} ${operand} ${this.#expression(1)}) ${drop}`;
      }
    }
  }

  #expression(depth: number): string {
    switch (this.#random.below(depth > 0 ? 8 : 3)) {
      case 0:
        return `(i32.const ${this.#random.below(5) - 1})`;
      case 1:
      case 2:
        return `(local.get ${this.#variable()})`;
      case 3:
        return `(local.tee ${this.#variable()} ${this.#expression(depth - 1)})`;
      case 4:
        return `(i32.lt_u ${this.#expression(depth - 1)} ${this.#expression(depth - 1)})`;
      case 5:
        return `(if (result i32) ${this.#expression(depth - 1)}
          (then ${this.#expression(depth - 1)}) (else ${this.#expression(depth - 1)}))`;
      default: {
        const op = ["add", "sub", "mul", "xor", "shr_u", "and"][this.#random.below(6)];
        return `(i32.${op} ${this.#expression(depth - 1)} ${this.#expression(depth - 1)})`;
      }
    }
  }
}

Deno.test("random structured programs behave as in V8", async () => {
  for (let seed = 0; seed < 200; seed++) {
    const text = new Program(seed).text();
    try {
      const machine = await compare(text, "f", [[0, 0], [1, 2], [-3, 7], [100, -1]]);
      verify(machine.func(0));
    } catch (error) {
      throw new Error(`Cannot agree with V8 on program ${seed}:\n${text}`, { cause: error });
    }
  }
});
