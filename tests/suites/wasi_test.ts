/**
 * The WASI suite: every program passes on the default target, and a choice of them on the others.
 */
import { deepStrictEqual, strictEqual } from "node:assert";
import { backends } from "../../backends/mod.ts";
import { concurrently, PROCESSES } from "./concurrent.ts";
import { hasShared } from "./shared.ts";
import {
  type RunOptions,
  runWasiProgram,
  SUITE_PROGRAMS,
  type WasiProgram,
  wasiPrograms,
} from "./wasi_programs.ts";

const suffix = hasShared("wasi") ? "" : " (no data beside the project)";
const ignore = !hasShared("wasi");

/** What is wrong, by program. */
async function problemsOf(
  programs: readonly WasiProgram[],
  options: RunOptions,
): Promise<[string, string][]> {
  const problems: [string, string][] = [];
  await concurrently(programs, PROCESSES, async (program) => {
    const problem = await runWasiProgram(program, options);
    if (problem !== undefined) problems.push([program.name, problem]);
  });
  return problems.sort();
}

/**
 * Programs that together import every function that any program of the suite does: those are
 * chosen first that add most.
 */
async function covering(programs: readonly WasiProgram[]): Promise<WasiProgram[]> {
  const functions = new Map<WasiProgram, string[]>();
  for (const program of programs) {
    const module = await WebAssembly.compile(await Deno.readFile(program.file));
    functions.set(program, WebAssembly.Module.imports(module).map(({ name }) => name));
  }
  const missing = new Set([...functions.values()].flat());
  const chosen: WasiProgram[] = [];
  while (missing.size > 0) {
    const gain = (program: WasiProgram): number =>
      functions.get(program)?.filter((name) => missing.has(name)).length ?? 0;
    const best = programs.reduce((a, b) => gain(b) > gain(a) ? b : a);
    chosen.push(best);
    for (const name of functions.get(best) ?? []) missing.delete(name);
  }
  return chosen;
}

Deno.test({
  name: `WASI suite: all programs${suffix}`,
  ignore,
  fn: async () => {
    const programs = wasiPrograms();
    strictEqual(programs.length, SUITE_PROGRAMS);
    deepStrictEqual(await problemsOf(programs, {}), []);
  },
});

for (const { isa } of backends) {
  Deno.test({
    name: `WASI suite on ${isa.name}: programs that call every function${suffix}`,
    ignore,
    fn: async () => {
      const programs = await covering(wasiPrograms());
      deepStrictEqual(await problemsOf(programs, { target: isa.name }), []);
    },
  });
}

/** What the programs of these names check is not to be had without the C library. */
const needLibrary: Readonly<Record<string, string>> = {
  "rust/fd_filestat_set": "times are set to within 256 ns",
  "rust/path_filestat": "times are set to within 256 ns",
  "rust/symlink_filestat": "times are set to within 256 ns",
};

Deno.test({
  name: `WASI suite without the C library${suffix}`,
  ignore,
  fn: async () => {
    const programs = wasiPrograms();
    const problems = (await problemsOf(programs, { isPortable: true })).map(([name]) => name);
    // Not more, and not fewer: a list that is too long would hide what breaks.
    deepStrictEqual(problems, Object.keys(needLibrary));
  },
});
