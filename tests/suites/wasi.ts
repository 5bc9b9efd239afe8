/**
 * `deno task test:wasi`: every program of the WASI suite on every target, a line per program.
 *
 *     deno run -A tests/suites/wasi.ts [--target NAME]… [--portable] [FILTER…]
 *
 * `--portable` runs them without the C library. The exit status is 1 when a program fails, or when
 * none was run.
 */
import { backends } from "../../backends/mod.ts";
import { concurrently, PROCESSES } from "./concurrent.ts";
import { runWasiProgram, wasiPrograms } from "./wasi_programs.ts";

const filters: string[] = [];
const wanted: string[] = [];
let isPortable = false;
for (let n = 0; n < Deno.args.length; n++) {
  const arg = Deno.args[n] as string;
  if (arg === "--target") wanted.push(Deno.args[++n] ?? "");
  else if (arg === "--portable") isPortable = true;
  else filters.push(arg);
}
const targets = wanted.length > 0 ? wanted : backends.map(({ isa }) => isa.name);
const programs = wasiPrograms()
  .filter(({ name }) => filters.length === 0 || filters.some((filter) => name.includes(filter)));

let totalPassed = 0, totalFailed = 0;
for (const target of targets) {
  let passed = 0, failed = 0;
  await concurrently(programs, PROCESSES, async (program) => {
    const problem = await runWasiProgram(program, { target, isPortable });
    if (problem === undefined) passed++;
    else failed++;
    const line = `${problem === undefined ? "ok    " : "FAILED"} ${target} ${program.name}`;
    // deno-lint-ignore no-console -- the suite's report
    console.log(problem === undefined ? line : `${line}: ${problem}`);
  });
  // deno-lint-ignore no-console -- the suite's report
  console.log(`${target}: ${passed} passed, ${failed} failed`);
  totalPassed += passed;
  totalFailed += failed;
}
// deno-lint-ignore no-console -- the suite's report
console.log(`${totalPassed} passed, ${totalFailed} failed`);
Deno.exit(totalFailed === 0 && totalPassed > 0 ? 0 : 1);
