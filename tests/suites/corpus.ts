/**
 * `deno task test:corpus`: every program of the corpus must print exactly what is expected of it, on
 * every target, a line per program and a line of counts for each target.
 *
 *     deno run -A tests/suites/corpus.ts [--target NAMES] [FILTER…]
 *
 * `NAMES` is `all`, which is the default, or names with commas between them. The exit status is 1 when a
 * program fails, or when none was run.
 */
import { backends } from "../../backends/mod.ts";
import { concurrently, PROCESSES } from "./concurrent.ts";
import { programs, runProgram } from "./corpus_programs.ts";
import { runCoreMark } from "./coremark.ts";
import { hasShared, SHARED } from "./shared.ts";

const filters = [...Deno.args];
const at = filters.indexOf("--target");
const names = at >= 0 ? filters.splice(at, 2)[1] ?? "" : "all";
const wanted = backends.filter(({ isa }) => names === "all" || names.split(",").includes(isa.name));
const isWanted = (name: string): boolean =>
  filters.length === 0 || filters.some((filter) => name.includes(filter));

// deno-lint-ignore no-console -- the suite's report
const say = (text: string): void => console.log(text);

let totalPassed = 0, totalFailed = 0;
for (const backend of wanted) {
  const target = backend.isa.name;
  let passed = 0, failed = 0;
  const tell = (name: string, problem: string | undefined): void => {
    if (problem === undefined) passed++;
    else failed++;
    say(
      `${problem === undefined ? "ok    " : "FAILED"} ${target} ${name} ${problem ?? ""}`.trimEnd(),
    );
  };
  const chosen = programs().filter(({ name }) => isWanted(name));
  await concurrently(chosen, PROCESSES, async (program) => {
    tell(program.name, await runProgram(program, target));
  });
  if (hasShared("corpus") && isWanted("coremark")) {
    const file = `${SHARED}/corpus/coremark/coremark-minimal.wasm`;
    const score = await runCoreMark(await Deno.readFile(file), backend);
    tell("coremark", score > 0 ? undefined : `its score is ${score}`);
  }
  say(`${target}: ${passed} passed, ${failed} failed`);
  totalPassed += passed;
  totalFailed += failed;
}
say(`${totalPassed} passed, ${totalFailed} failed`);
Deno.exit(totalFailed === 0 && totalPassed > 0 ? 0 : 1);
