/**
 * The corpus: each program prints exactly what is expected. The slowest are left to
 * `deno task test:corpus`.
 */
import { deepStrictEqual, ok } from "node:assert";
import { backends } from "../../backends/mod.ts";
import { runCoreMark } from "./coremark.ts";
import { concurrently, PROCESSES } from "./concurrent.ts";
import { programs, runProgram } from "./corpus_programs.ts";
import { hasShared, SHARED } from "./shared.ts";

/** Programs that take more than about five seconds. */
const slow = new Set([
  ...["pulldown-cmark", "regex", "shootout-ctype", "shootout-ed25519", "shootout-fib2"],
  ...["shootout-heapsort", "shootout-keccak", "shootout-matrix", "shootout-memmove"],
  ...["shootout-minicsv", "shootout-ratelimit", "shootout-seqhash", "shootout-sieve"],
  ...["shootout-switch", "shootout-xblabla20", "shootout-xchacha20"],
]);

Deno.test({
  name: hasShared("corpus") ? "corpus" : "corpus (no data beside the project)",
  ignore: !hasShared("corpus"),
  fn: async () => {
    const problems: string[] = [];
    const chosen = programs().filter(({ name }) => !slow.has(name));
    ok(chosen.length > 0, "no program was found");
    await concurrently(chosen, PROCESSES, async (program) => {
      const problem = await runProgram(program);
      if (problem !== undefined) problems.push(`${program.name}: ${problem}`);
    });
    deepStrictEqual(problems, []);
  },
});

for (const backend of backends) {
  Deno.test({
    name: `CoreMark validates itself on ${backend.isa.name}`,
    ignore: !hasShared("corpus"),
    fn: async () => {
      const file = `${SHARED}/corpus/coremark/coremark-minimal.wasm`;
      ok(await runCoreMark(await Deno.readFile(file), backend) > 0, "the score is not positive");
    },
  });
}
