/**
 * `deno run -A tests/suites/wasi.ts [--target NAME] [FILTER…]`: the WASI suite, a line per program.
 */
import { runWasiProgram, wasiPrograms } from "./wasi_programs.ts";

const args = [...Deno.args];
const at = args.indexOf("--target");
const target = at >= 0 ? args.splice(at, 2)[1] : undefined;
let passed = 0, failed = 0;
for (const program of wasiPrograms()) {
  if (args.length > 0 && !args.some((filter) => program.name.includes(filter))) continue;
  const problem = await runWasiProgram(program, target);
  if (problem === undefined) passed++;
  else failed++;
  // deno-lint-ignore no-console -- the suite's report
  console.log(`${problem === undefined ? "ok    " : "FAILED"} ${program.name} ${problem ?? ""}`);
}
// deno-lint-ignore no-console -- the suite's report
console.log(`${passed} passed, ${failed} failed`);
