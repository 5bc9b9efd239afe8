/**
 * The corpus: each program prints exactly what is expected, and leaves what it leaves in V8, on every
 * target. Programs that take a few seconds are run on one target, another one with every commit; the
 * slowest are left to `deno task test:corpus`, which runs everything everywhere.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { fileURLToPath } from "node:url";
import { backends } from "../../backends/mod.ts";
import { concurrently, PROCESSES } from "./concurrent.ts";
import { runCoreMark } from "./coremark.ts";
import { checkProgram, type Program, programs } from "./corpus_programs.ts";
import { hasShared, SHARED } from "./shared.ts";

/** Some seconds on one target. */
const taking = ["shootout-ctype", "shootout-matrix", "shootout-sieve"];
/** Half a minute and more. */
const slow = new Set([
  "shootout-ed25519",
  "shootout-fib2",
  "shootout-heapsort",
  "shootout-minicsv",
  "shootout-seqhash",
]);

const ignore = !hasShared("corpus");
const suffix = ignore ? " (no data beside the project)" : "";

async function check(
  chosen: readonly Program[],
  targetsOf: (program: Program) => string,
): Promise<void> {
  const problems: string[] = [];
  await concurrently(chosen, PROCESSES, async (program) => {
    const problem = await checkProgram(program, targetsOf(program));
    if (problem !== undefined) problems.push(`${program.name}: ${problem}`);
  });
  deepStrictEqual(problems, []);
}

Deno.test({
  name: `corpus on every target and in V8${suffix}`,
  ignore,
  fn: async () => {
    const chosen = programs().filter(({ name }) => !slow.has(name) && !taking.includes(name));
    strictEqual(chosen.length, programs().length - slow.size - taking.length);
    ok(chosen.length > 0, "no program was found");
    await check(chosen, () => "all");
  },
});

/** A number that a commit changes; 0 where there is none. */
async function commitNumber(): Promise<number> {
  try {
    const { stdout } = await new Deno.Command("git", {
      args: ["rev-parse", "HEAD"],
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
    }).output();
    return parseInt(new TextDecoder().decode(stdout).slice(0, 8), 16) || 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

Deno.test({
  name: `longer programs of the corpus, a target each${suffix}`,
  ignore,
  fn: async () => {
    const first = await commitNumber();
    const chosen = programs().filter(({ name }) => taking.includes(name));
    strictEqual(chosen.length, taking.length);
    await check(chosen, ({ name }) => {
      const n = (first + taking.indexOf(name)) % backends.length;
      return (backends[n] as typeof backends[number]).isa.name;
    });
  },
});

for (const backend of backends) {
  Deno.test({
    name: `CoreMark validates itself on ${backend.isa.name}${suffix}`,
    ignore,
    fn: async () => {
      const file = `${SHARED}/corpus/coremark/coremark-minimal.wasm`;
      ok(await runCoreMark(await Deno.readFile(file), backend) > 0, "the score is not positive");
    },
  });
}
