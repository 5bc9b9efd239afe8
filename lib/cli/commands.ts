/**
 * The table of commands. What a command does is in a file of its own, loaded when it is asked for.
 *
 * @module
 */
import { unlisted } from "../base/unlisted.ts";
import { type Command, defineCommand } from "./grammar.ts";

const target = {
  kind: "value",
  placeholder: "NAME",
  help: "instruction set: x64, aarch64, riscv64, or a triple",
  completion: "target",
} as const;
const targets = {
  ...target,
  placeholder: "NAMES",
  help: "instruction sets: names or triples with commas between them, or all",
  completion: "targets",
} as const;
const cpuFeatures = {
  kind: "value",
  placeholder: "LIST",
  help: "enable and disable CPU features: zbb,+zba,-c",
} as const;
const offline = { kind: "flag", help: "never fetch the emulator's library" } as const;
const optimize = {
  kind: "choice",
  short: "O",
  placeholder: "LEVEL",
  choices: ["0", "1"],
  default: "1",
  bare: "1",
  help: "optimise",
} as const;
const threads = {
  kind: "count",
  short: "j",
  placeholder: "COUNT",
  help: "threads that compile (default: one fewer than processors, 8 at most)",
} as const;
const wasmOpt = {
  kind: "value",
  placeholder: "LEVEL",
  help: "optimise with Binaryen first: O0 to O4, Os, Oz",
} as const;
const cases = {
  name: "PATH",
  help: "cases (.wat, .wasm) or folders of them (default snapshots/cases)",
  isOptional: true,
  isMany: true,
  completion: "file",
} as const;
const module = {
  name: "FILE",
  help: "a .wasm or .wat module, or a compiled object; - for standard input",
  completion: "file",
} as const;

/** The paths of a snapshot command, or where a project keeps its cases. */
function casesOf(paths: readonly string[]): readonly string[] {
  return paths.length === 0 ? ["snapshots/cases"] : paths;
}

/** The shells that completions are written for. */
const shells = ["bash", "zsh", "fish"] as const;

/** All commands, in the order of the help page. */
export const commands: readonly Command[] = [
  defineCommand({
    name: "run",
    summary: "Run a WASI command, or an exported function, in the emulator.",
    operands: [
      module,
      { name: "ARGS", help: "the program's arguments", isOptional: true, isMany: true },
    ],
    endsAtOperand: true,
    options: {
      target: targets,
      check: {
        kind: "choice",
        placeholder: "ENGINE",
        choices: ["none", "v8"],
        default: "none",
        help: "compare all that can be seen with another engine",
      },
      cpuFeatures,
      dir: {
        kind: "list",
        placeholder: "HOST[::GUEST]",
        help: "let the program see a directory",
        completion: "directory",
      },
      env: { kind: "list", placeholder: "KEY=VALUE", help: "set an environment variable" },
      invoke: {
        kind: "value",
        placeholder: "NAME",
        help: "call this exported function with the arguments",
      },
      wasmOpt,
      unknownImports: {
        kind: "choice",
        placeholder: "WHAT",
        choices: ["error", "trap", "default"],
        default: "error",
        help: "imports that nothing provides",
      },
      randomSeed: {
        kind: "value",
        placeholder: "N",
        help: "let random numbers be the same every time",
      },
      mapPath: {
        kind: "list",
        placeholder: "FROM=TO",
        help: "where trap reports find sources",
      },
      json: {
        kind: "flag",
        help: "print a trap's report as a JSON object to standard error",
      },
      optimize,
      threads,
      noCache: { kind: "flag", help: "neither use nor keep code of earlier runs" },
      offline,
    },
    run: async (environment, [file = "", ...args], options) => {
      const { prefetchUnicorn } = await import("../executor/unicorn/prefetch.ts");
      prefetchUnicorn();
      const { run } = await import("./run.ts");
      return await run(environment, file, args, options);
    },
  }),
  defineCommand({
    name: "compile",
    summary: "Write compiled code as an ELF file, for run or for a linker.",
    operands: [{ ...module, help: "a .wasm or .wat module, - for standard input" }],
    options: {
      output: {
        kind: "value",
        short: "o",
        placeholder: "FILE",
        help: "the file to write, - for standard output: relocatable if it ends in .o, " +
          "else ready to run",
        isRequired: true,
        completion: "file",
      },
      relocatable: { kind: "flag", help: "write a linker's input whatever the file is called" },
      dropBodies: {
        kind: "flag",
        help: "leave the wasm code out: smaller, and trap reports know less",
      },
      wasmOpt,
      target,
      cpuFeatures,
      optimize,
      threads,
    },
    run: async (environment, [file = ""], options) => {
      const { compile } = await import(unlisted("./compile.ts")) as typeof import("./compile.ts");
      return await compile(environment, file, options);
    },
  }),
  defineCommand({
    name: "inspect",
    summary: "Show what becomes of a module: wasm, IR and machine code, for any target.",
    operands: [module],
    options: {
      function: {
        kind: "value",
        placeholder: "NAME",
        help: "only this function: an index, a name or an export",
      },
      ir: { kind: "flag", help: "show the IR after optimisation as well" },
      stage: {
        kind: "choice",
        placeholder: "NAME",
        choices: ["all", "ir", "opt", "select", "alloc", "code"],
        default: "all",
        help: "only this stage of each function",
      },
      sideBySide: { kind: "flag", help: "wasm, IR and machine code in three columns" },
      size: { kind: "flag", help: "where the bytes go: functions, kinds, trap checks, sections" },
      html: {
        kind: "value",
        placeholder: "FILE",
        help: "write a page with all of it and the graphs, - to standard output",
        completion: "file",
      },
      target,
      cpuFeatures,
      optimize,
    },
    run: async (environment, [file = ""], options) => {
      const { inspect } = await import(unlisted("./inspect.ts")) as typeof import("./inspect.ts");
      return await inspect(environment, file, options);
    },
  }),
  defineCommand({
    name: "snapshot check",
    summary: "Compare goldens; exit 1 when one is missing, stale, pending or orphaned.",
    operands: [cases],
    options: { target: targets, cpuFeatures, offline },
    run: async (environment, paths, options) => {
      const { snapshot } = await import(
        unlisted("./snapshot.ts")
      ) as typeof import("./snapshot.ts");
      return await snapshot(environment, "check", casesOf(paths), options);
    },
  }),
  defineCommand({
    name: "snapshot update",
    summary: "Write pending goldens for review, unless a claim or a run line fails.",
    operands: [cases],
    options: {
      accept: { kind: "flag", help: "write the goldens themselves, and delete orphans" },
      target: targets,
      cpuFeatures,
      offline,
    },
    run: async (environment, paths, options) => {
      const { snapshot } = await import(
        unlisted("./snapshot.ts")
      ) as typeof import("./snapshot.ts");
      return await snapshot(environment, "update", casesOf(paths), options);
    },
  }),
  defineCommand({
    name: "snapshot review",
    summary: "Walk through what is pending: accept, reject or skip, a key for each.",
    operands: [cases],
    options: {
      acceptAll: { kind: "flag", help: "accept everything without asking" },
      rejectAll: { kind: "flag", help: "reject everything without asking" },
      target: targets,
      cpuFeatures,
    },
    run: async (environment, paths, options) => {
      const { review } = await import(
        unlisted("./snapshot_review.ts")
      ) as typeof import("./snapshot_review.ts");
      return await review(environment, casesOf(paths), options);
    },
  }),
  defineCommand({
    name: "snapshot diff",
    summary: "Say what changed, function by function: pending goldens, or against a base.",
    operands: [cases],
    options: {
      base: {
        kind: "value",
        placeholder: "DIR|REV",
        help: "a folder of goldens, or a git revision, to compare with",
        completion: "directory",
      },
      format: {
        kind: "choice",
        placeholder: "NAME",
        choices: ["text", "md"],
        default: "text",
        help: "how it is written",
      },
      target: targets,
      cpuFeatures,
    },
    run: async (environment, paths, options) => {
      const { diffSnapshots } = await import(
        unlisted("./snapshot_diff.ts")
      ) as typeof import("./snapshot_diff.ts");
      return await diffSnapshots(environment, casesOf(paths), options);
    },
  }),
  defineCommand({
    name: "wast",
    summary: "Run spec scripts and count assertions.",
    operands: [{ name: "FILE", help: ".wast scripts", isMany: true, completion: "file" }],
    options: {
      verbose: { kind: "flag", help: "show every failure" },
      target: targets,
      cpuFeatures,
      offline,
    },
    run: async (environment, files, options) => {
      const { wast } = await import(unlisted("./wast.ts")) as typeof import("./wast.ts");
      return await wast(environment, files, options);
    },
  }),
  defineCommand({
    name: "bench",
    summary: "Measure code and compile times, of modules and targets, beside other compilers.",
    operands: [{
      name: "FILE",
      help: "WASI commands, or modules that export run",
      isMany: true,
      completion: "file",
    }],
    options: {
      target: targets,
      cpuFeatures,
      json: { kind: "flag", help: "print an array with one object per module and target" },
      output: {
        kind: "value",
        short: "o",
        placeholder: "FILE",
        help: "write that array to a file, too",
        completion: "file",
      },
      compare: {
        kind: "value",
        placeholder: "FILE",
        help: "say what moved since such an array was written",
        completion: "file",
      },
      reference: {
        kind: "value",
        placeholder: "FILE",
        help: "only counts: fail when one is over 1 % above that in this file",
        completion: "file",
      },
      accept: { kind: "flag", help: "write the counts to the file of --reference" },
      only: {
        kind: "value",
        placeholder: "FIGURES",
        help: "some of first, counts, instructions, warm, threads, run, process, peers",
      },
      noRun: { kind: "flag", help: "only compile" },
      peers: {
        kind: "value",
        placeholder: "NAMES",
        help: "some of v8, cranelift, winch, wazero, wasm2c; or all, or none (default v8)",
      },
      repeat: {
        kind: "count",
        placeholder: "COUNT",
        default: 5,
        help: "take the median of this many measurements, or of fewer that take long",
      },
      threads: { ...threads, help: "threads where several compile (default: 2)" },
      inProcess: { kind: "flag", help: "measure everything in this process, e.g. to profile it" },
      offline,
    },
    run: async (environment, files, options) => {
      const { bench } = await import(
        unlisted("./bench/bench.ts")
      ) as typeof import("./bench/bench.ts");
      return await bench(environment, files, options);
    },
  }),
  defineCommand({
    name: "profile",
    summary: "Show where executed instructions go: by reason, wasm operator, function and block.",
    operands: [{ ...module, help: "a WASI command, or a module that exports run" }],
    options: {
      function: {
        kind: "value",
        placeholder: "NAME",
        help: "all of this function: an index, a name or an export",
      },
      top: {
        kind: "count",
        placeholder: "COUNT",
        default: 10,
        help: "rows of a table, and blocks",
      },
      json: { kind: "flag", help: "print one object, for tools" },
      target,
      cpuFeatures,
      optimize,
      offline,
    },
    run: async (environment, [file = ""], options) => {
      const { profile } = await import(
        unlisted("./profile.ts")
      ) as typeof import("./profile.ts");
      return await profile(environment, file, options);
    },
  }),
  defineCommand({
    name: "cache",
    summary: "Say what the cache of compiled code holds, or empty it.",
    options: {
      clear: {
        kind: "flag",
        help: "delete all of it, and what other standalone programs unpacked",
      },
    },
    run: async (environment, _operands, options) => {
      const { manageCache } = await import(
        unlisted("./code_cache.ts")
      ) as typeof import("./code_cache.ts");
      return await manageCache(environment, options);
    },
  }),
  defineCommand({
    name: "setup",
    summary: "Fetch the emulator's library into the user's cache, as the first run does.",
    options: { offline: { kind: "flag", help: "only look for it" } },
    run: async (environment, _operands, options) => {
      const { setup } = await import(unlisted("./setup.ts")) as typeof import("./setup.ts");
      return await setup(environment, options);
    },
  }),
  defineCommand({
    name: "completions",
    summary: "Write what a shell must know to complete command lines of this program.",
    operands: [{ name: "SHELL", help: `one of ${shells.join(", ")}`, choices: shells }],
    run: async (environment, [shell = ""]) => {
      const { completions } = await import(
        unlisted("./completions/completions.ts")
      ) as typeof import("./completions/completions.ts");
      return completions(environment, commands, shell);
    },
  }),
  defineCommand({
    name: "license",
    summary: "Print the licences of this program and of all that it contains.",
    run: async (environment) => {
      const { license } = await import(
        unlisted("./license.ts")
      ) as typeof import("./license.ts");
      return license(environment);
    },
  }),
];
