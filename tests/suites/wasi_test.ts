/**
 * The WASI suite: every program passes, except those that are known to fail, which still do.
 */
import { deepStrictEqual } from "node:assert";
import { concurrently, PROCESSES } from "./concurrent.ts";
import { hasShared } from "./shared.ts";
import { knownFailures } from "./wasi_failures.ts";
import { runWasiProgram, wasiPrograms } from "./wasi_programs.ts";

Deno.test({
  name: hasShared("wasi") ? "WASI suite" : "WASI suite (no data beside the project)",
  ignore: !hasShared("wasi"),
  fn: async () => {
    const problems = new Map<string, string>();
    await concurrently(wasiPrograms(), PROCESSES, async (program) => {
      const problem = await runWasiProgram(program);
      if (problem !== undefined) problems.set(program.name, problem);
    });
    const unexpected = [...problems].filter(([name]) => !(name in knownFailures));
    deepStrictEqual(unexpected, [], "programs that should pass");
    const fixed = Object.keys(knownFailures).filter((name) => !problems.has(name));
    deepStrictEqual(fixed, [], "programs that pass, and are listed as failing");
  },
});
