/**
 * `trapline run` with several targets, or with `--check`: runs the program on each of them, and says
 * where they differ. `docs/comparing-engines.md` says what is compared.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { describeEnd, differences } from "../compare/differences.ts";
import { MachineSubject } from "../compare/machine_subject.ts";
import { observe, type Program } from "../compare/observe.ts";
import type { Outcome } from "../compare/outcome.ts";
import type { Subject } from "../compare/subject.ts";
import { V8Subject } from "../compare/v8_subject.ts";
import { isElf } from "../object/elf_reader.ts";
import type { Backend } from "../runtime/backend.ts";
import { checkFeatures } from "../runtime/executable.ts";
import type { Module } from "../runtime/module.ts";
import type { WasiOptions } from "../wasi/wasi.ts";
import { ValueType } from "../wasm/types.ts";
import { type Column, formatNumber, formatTable } from "../inspect/table.ts";
import { createEngine, loadConfigured, openStore, selectTargets } from "./context.ts";
import { type Environment, Status, UsageError } from "./environment.ts";
import { type Invocation, parseInvocation } from "./invocation.ts";
import { compileModule, loadModule } from "./module_files.ts";
import type { RunOptions } from "./run.ts";

/** What `run` has read of its options. */
export interface CheckedProgram extends Pick<WasiOptions, "args" | "env" | "preopens"> {
  readonly file: string;
  /** The arguments without the program's name. */
  readonly rest: readonly string[];
  /** For random numbers. */
  readonly seed: number | undefined;
}

/** Any number: it is the same for all engines. */
const DEFAULT_SEED = 0;

/** Runs a program on several engines; returns 1 when they differ. */
export async function runCheck(
  environment: Environment,
  { file, rest, seed = DEFAULT_SEED, ...given }: CheckedProgram,
  options: RunOptions,
): Promise<number> {
  const bytes = await loadModule(file, options, environment);
  if (isElf(bytes)) {
    throw new UsageError(`"${file}" is compiled: only modules can be compared between engines`);
  }
  const level = options.optimize === "0" ? 0 : 1;
  const backends: Backend[] = [], modules: Module[] = [];
  for (const target of selectTargets(environment, options.target)) {
    const backend = await loadConfigured(target, options.cpuFeatures);
    const engine = createEngine(backend, level);
    checkFeatures(engine.isa, engine.isa.featureBits, backend.machine.featureBits);
    backends.push(backend);
    modules.push(await compileModule(engine, bytes, environment, options.threads));
  }
  const module = modules[0] as Module;
  const invocation = options.invoke === undefined
    ? undefined
    : parseInvocation(module, options.invoke, rest);
  if (options.check === "v8") refuseVectors(invocation);
  const program: Program = {
    ...given,
    module,
    invocation,
    seed,
    input: readsInput(module) ? await readInput() : new Uint8Array(0),
    start: BigInt(Date.now()) * 1_000_000n,
    unknownImports: options.unknownImports ?? "error",
  };
  const outcomes: Outcome[] = [];
  const run = async (subject: Subject): Promise<void> => {
    try {
      outcomes.push(await observe(subject, program));
    } finally {
      subject.close();
    }
  };
  for (const [n, backend] of backends.entries()) {
    const compiled = modules[n] as Module;
    const store = await openStore(compiled.engine, backend, environment, options);
    await run(new MachineSubject(backend.isa.name, compiled, store));
  }
  if (options.check === "v8") await run(new V8Subject(module));
  return report(environment, outcomes, options);
}

/** JavaScript has no vectors, so V8 cannot be called with them. */
function refuseVectors(invocation: Invocation | undefined): void {
  if (invocation === undefined) return;
  const { name, type: { params, results } } = invocation;
  if (![...params, ...results].includes(ValueType.v128)) return;
  throw new CompileError(`Cannot check "${name}" with V8: it takes or returns vectors`);
}

function readsInput(module: Module): boolean {
  return module.imports.some(({ name }) => name === "fd_read");
}

/** All of standard input, which every engine is to have. A terminal has nothing to give. */
async function readInput(): Promise<Uint8Array> {
  if (Deno.stdin.isTerminal()) return new Uint8Array(0);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const buffer = new Uint8Array(65536);
  for (let count; (count = await Deno.stdin.read(buffer)) !== null;) {
    chunks.push(buffer.slice(0, count));
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

// ── The report ──────────────────────────────────────────────────────────────────────────────────

/** So many digits of a hash tell two runs apart. */
const HASH_DIGITS = 12;

function report(
  environment: Environment,
  outcomes: readonly Outcome[],
  { json }: RunOptions,
): number {
  const [first, ...others] = outcomes.toReversed() as [Outcome, ...Outcome[]];
  const lines = others.reverse().flatMap((found) => differences(first, found));
  if (json) {
    environment.out(JSON.stringify({ runs: outcomes.map(plain), differences: lines }) + "\n");
  } else {
    environment.out(formatTable(columnsOf(outcomes), outcomes));
    for (const line of lines) environment.out(`differs: ${line}\n`);
  }
  return lines.length === 0 ? Status.ok : Status.failure;
}

function columnsOf(outcomes: readonly Outcome[]): Column<Outcome>[] {
  const columns: Column<Outcome>[] = [
    { title: "engine", cell: ({ subject }) => subject, align: "left" },
    { title: "end", cell: ({ end }) => describeEnd(end), align: "left" },
    { title: "stdout", cell: ({ stdout }) => `${formatNumber(stdout.length)} B`, align: "right" },
    { title: "stderr", cell: ({ stderr }) => `${formatNumber(stderr.length)} B`, align: "right" },
  ];
  const named = (list: (outcome: Outcome) => readonly { readonly name: string }[]): string[] => [
    ...new Set(outcomes.flatMap(list).map(({ name }) => name)),
  ];
  for (const name of named(({ memories }) => memories)) {
    columns.push({
      title: `memory "${name}"`,
      cell: ({ memories }): string =>
        memories.find((found) => found.name === name)?.sha256.slice(0, HASH_DIGITS) ?? "-",
      align: "left",
    });
  }
  for (const name of named(({ globals }) => globals)) {
    columns.push({
      title: `global "${name}"`,
      cell: ({ globals }): string => globals.find((found) => found.name === name)?.value ?? "-",
      align: "right",
    });
  }
  return columns;
}

/** An outcome as it is printed as JSON. */
function plain({ memories, stdout, stderr, end, ...rest }: Outcome): unknown {
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return {
    ...rest,
    end: describeEnd(end),
    stdout: text(stdout),
    stderr: text(stderr),
    memories: memories.map(({ name, bytes, sha256 }) => ({ name, bytes: bytes.length, sha256 })),
  };
}
