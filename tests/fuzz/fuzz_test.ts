/**
 * A fixed sample of random modules must do in Trapline what they do in V8; `run.ts` tries others.
 */
import { ok, strictEqual } from "node:assert";
import { backends } from "../../backends/mod.ts";
import { compareSeed, type Statistics } from "./compare.ts";
import { generateModule } from "./generate.ts";

const SEEDS = 160;
/** Every so many seeds are compiled without optimisation. */
const UNOPTIMIZED = 8;

/** Seeds that found a bug once. */
const REGRESSIONS = [3490, 3844, 5463];

Deno.test("generated modules are valid, and the same for the same seed", () => {
  for (let seed = 0; seed < 100; seed++) {
    const { bytes } = generateModule(seed);
    ok(WebAssembly.validate(bytes), `seed ${seed} is not valid`);
    strictEqual(generateModule(seed).bytes.join(), bytes.join());
  }
});

for (const backend of backends) {
  Deno.test(`${SEEDS} random modules behave on ${backend.isa.name} as in V8`, async () => {
    const statistics: Statistics = { calls: 0, traps: new Map() };
    for (let seed = 0; seed < SEEDS; seed++) {
      const level = seed % UNOPTIMIZED === 0 ? 0 : 1;
      strictEqual(await compareSeed(seed, backend, { level, statistics }), undefined);
    }
    for (const seed of REGRESSIONS) strictEqual(await compareSeed(seed, backend), undefined);
    const trapped = [...statistics.traps.values()].reduce((sum, count) => sum + count, 0);
    ok(statistics.calls > 5 * SEEDS, `${statistics.calls} calls are too few to mean anything`);
    ok(trapped > SEEDS / 2 && trapped < statistics.calls / 2, `${trapped} calls trapped`);
  });
}
