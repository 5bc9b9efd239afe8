/**
 * Long runs: `deno run -A tests/fuzz/run.ts --seeds 0-5000 [--target NAME] [-O 0|1]`. Prints a line
 * per seed that fails; `--write SEED` writes a module to `SEED.wasm` instead.
 */
import { backends } from "../../backends/mod.ts";
import { compareSeed, type Statistics } from "./compare.ts";
import { generateModule } from "./generate.ts";

function option(name: string): string | undefined {
  const at = Deno.args.indexOf(name);
  return at < 0 ? undefined : Deno.args[at + 1];
}
// deno-lint-ignore no-console -- the report of the run
const say = (text: string): void => console.log(text);

const write = option("--write");
if (write !== undefined) {
  await Deno.writeFile(`${write}.wasm`, generateModule(Number(write)).bytes);
  Deno.exit();
}
const [first = 0, last = 1000] = (option("--seeds") ?? "0-1000").split("-").map(Number);
const target = option("--target");
const wanted = option("-O");
let failed = 0;
for (const backend of backends) {
  if (target !== undefined && backend.isa.name !== target) continue;
  const statistics: Statistics = { calls: 0, traps: new Map() };
  for (let seed = first; seed < last; seed++) {
    const level = wanted === "0" || (wanted === undefined && seed % 8 === 0) ? 0 : 1;
    let problem: string | undefined;
    try {
      problem = await compareSeed(seed, backend, { level, statistics });
    } catch (error) {
      problem = `seed ${seed} -O${level}: ${error instanceof Error ? error.stack : error}`;
    }
    if (problem === undefined) continue;
    failed++;
    say(problem);
  }
  const traps = [...statistics.traps].map(([name, count]) => `${name} ${count}`).join(", ");
  say(`${backend.isa.name}: ${statistics.calls} calls; traps: ${traps}`);
}
say(`${last - first} seeds, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
