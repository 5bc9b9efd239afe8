/**
 * `deno task test:corpus`: every program of the corpus must print exactly what is expected of it.
 *
 *     deno run -A tests/suites/corpus.ts [--target NAME] [FILTER…]
 */
import { programs, runProgram } from "./corpus_programs.ts";

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
// deno-lint-ignore no-console -- the suite's report
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 && passed > 0 ? 0 : 1);
