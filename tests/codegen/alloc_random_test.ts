import { generate, random } from "./alloc_generator.ts";
import { Harness, machine } from "./alloc_machine.ts";

const machines = [
  machine(6, 2, 3),
  machine(5, 0, 3, 15),
  machine(8, 4, 4),
  machine(5, 2, 6, 15),
].map((registers) => new Harness(registers));

for (const [k, harness] of machines.entries()) {
  Deno.test(`random functions are allocated correctly, machine ${k}`, () => {
    for (let seed = 0; seed < 500; seed++) {
      const pick = random(seed), size = 10 + pick(120), pressure = 3 + pick(12);
      const builder = generate(seed * 4 + k, size, pressure);
      try {
        harness.compare(builder, [7, pick(50), 3]);
      } catch (error) {
        throw new Error(`seed ${seed}, size ${size}, pressure ${pressure}`, { cause: error });
      }
    }
  });
}
