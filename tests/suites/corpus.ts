/**
 * `deno task test:corpus`: every program of the corpus must print exactly what is expected of it.
 *
 *     deno run -A tests/suites/corpus.ts [--target NAME] [FILTER…]
 */
import { backends } from "../../backends/mod.ts";
import { programs, runProgram } from "./corpus_programs.ts";
import { runCoreMark } from "./coremark.ts";
import { hasShared, SHARED } from "./shared.ts";

const args = [...Deno.args];
const at = args.indexOf("--target");
const target = at >= 0 ? args.splice(at, 2)[1] : undefined;
let passed = 0, failed = 0;
for (const program of programs()) {
  if (args.length > 0 && !args.some((filter) => program.name.includes(filter))) continue;
  const problem = await runProgram(program, target);
  if (problem === undefined) passed++;
  else failed++;
  // deno-lint-ignore no-console -- the suite's report
  console.log(`${problem === undefined ? "ok    " : "FAILED"} ${program.name} ${problem ?? ""}`);
}
for (const backend of backends) {
  const isWanted = args.length === 0 || args.some((filter) => "coremark".includes(filter));
  if (!hasShared("corpus") || !isWanted) continue;
  if (target !== undefined && target !== backend.isa.name) continue;
  const file = `${SHARED}/corpus/coremark/coremark-minimal.wasm`;
  const score = await runCoreMark(await Deno.readFile(file), backend);
  if (score > 0) passed++;
  else failed++;
  // deno-lint-ignore no-console -- the suite's report
  console.log(`${score > 0 ? "ok    " : "FAILED"} coremark on ${backend.isa.name}, score ${score}`);
}
// deno-lint-ignore no-console -- the suite's report
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 && passed > 0 ? 0 : 1);
