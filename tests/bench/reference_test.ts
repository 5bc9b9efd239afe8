/**
 * Counts that must not grow by more than 1 % unless `reference.json` is updated in the same change
 * (`deno task bench:reference --accept`). What compiling gives is checked for all modules of the corpus
 * on all targets; guest instructions for programs that the emulator runs in a second or so.
 */
import { deepStrictEqual, ok } from "node:assert";
import { backends } from "../../backends/mod.ts";
import { targets } from "../../backends/targets.ts";
import { countsOf } from "../../lib/cli/bench/measurements.ts";
import { profileProgram } from "../../lib/cli/bench/program.ts";
import {
  checkReference,
  describeReference,
  readReference,
  type ReferenceEntry,
} from "../../lib/cli/bench/reference.ts";
import { type BenchResult, emptyResult, moduleName } from "../../lib/cli/bench/result.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { Module } from "../../lib/runtime/module.ts";
import { SHARED } from "../suites/shared.ts";
import { corpusModules, REFERENCE } from "./corpus.ts";

/** Programs that execute more take longer than a second or so in the emulator. */
const QUICK = 250e6;

const files = corpusModules();
const reference: readonly ReferenceEntry[] = await readReference(REFERENCE);
const ignore = files.length === 0;
const suffix = ignore ? ` (skipped: there is no corpus in ${SHARED})` : "";

/** Whether a program executes so little on all targets that it is run here. */
function isQuick(name: string): boolean {
  const own = reference.filter(({ module }) => module === name);
  return own.length > 0 && own.every(({ guestInstructions }) => guestInstructions <= QUICK);
}

const slow = files.map(moduleName).filter((name) => !isQuick(name));
const left = ignore
  ? ""
  : `; ${slow.length} programs execute over ${QUICK / 1e6} million and are left to the task`;

Deno.test({
  name: `the reference has every module of the corpus on every target, and no other${suffix}`,
  ignore,
  fn: () => {
    const place = ({ module, target }: { module: string; target: string }): string =>
      `${module} on ${target}`;
    const expected = files.flatMap((file) =>
      backends.map(({ isa }) => place({ module: moduleName(file), target: isa.name }))
    );
    deepStrictEqual(reference.map(place).sort(), expected.sort());
  },
});

for (const backend of backends) {
  const target = backend.isa.name;
  Deno.test({
    name: `${target}: no count grew by more than 1 %${left}${suffix}`,
    ignore,
    fn: async () => {
      const environment = { targets, out: () => {}, err: () => {}, isTerminal: false };
      const machine = { environment, backend, options: {} };
      const results: BenchResult[] = [];
      for (const file of files) {
        const name = moduleName(file);
        const module = Module.compile(new Engine(backend), await Deno.readFile(file));
        const guestInstructions = isQuick(name)
          ? (await profileProgram(machine, { module, file })).instructions
          : null;
        results.push({ ...emptyResult(name, target), ...countsOf(module), guestInstructions });
      }
      ok(results.filter((result) => result.guestInstructions !== null).length >= 5);
      const own = reference.filter((entry) => entry.target === target);
      const check = checkReference(own, results, { isComplete: false });
      deepStrictEqual(check.unmeasured, []);
      const report = describeReference(check);
      // deno-lint-ignore no-console -- what shrank is no failure, and worth knowing
      if (check.moved.length > 0) console.log(report);
      ok(check.failures.length === 0, `\n${report}`);
    },
  });
}
