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

/** The default target, on which all programs are run anyway. */
const own = Deno.build.arch === "aarch64" ? "aarch64" : "x64";

for (const { isa } of backends) {
  if (isa.name === own) continue;
  Deno.test({
    name: `WASI suite on ${isa.name}: programs that call every function${suffix}`,
    ignore,
    fn: async () => {
      const programs = await covering(wasiPrograms());
      deepStrictEqual(await problemsOf(programs, { target: isa.name }), []);
    },
  });
}

/** These check that times are kept to the nanosecond, which needs the C library. */
const needLibrary: readonly string[] = [
  "rust/fd_filestat_set",
  "rust/path_filestat",
  "rust/symlink_filestat",
];

Deno.test({
  name: `WASI suite without the C library: programs that call every function${suffix}`,
  ignore,
  fn: async () => {
    const programs = wasiPrograms().filter(({ name }) => !needLibrary.includes(name));
    strictEqual(programs.length, SUITE_PROGRAMS - needLibrary.length);
    deepStrictEqual(await problemsOf(await covering(programs), { isPortable: true }), []);
  },
});
