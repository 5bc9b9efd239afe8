/**
 * The command line's grammar, its help, and what errors look like. Every command is in a file of
 * its own, loaded when it is asked for.
 *
 * @module
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { CompileError, InternalError, Unsupported } from "../base/errors.ts";
import { Exit, LinkError, Trap } from "../runtime/trap.ts";
import type { CompileOptions } from "./compile.ts";
import { type Environment, Status, UsageError } from "./context.ts";
import { VERSION } from "./version.ts";

/** Runs the command line and returns the exit status. Never throws. */
export async function main(args: readonly string[], environment: Environment): Promise<number> {
  let status: number = Status.ok;
  const finish = (code: number): void => {
    status = code;
  };
  try {
    await grammar(environment, finish).parseAsync([...args], { from: "user" });
    return status;
  } catch (error) {
    return explain(error, environment);
  }
}

/** Prints one clear message and returns the exit status that goes with it. */
function explain(error: unknown, environment: Environment): number {
  const say = (text: string): void => environment.err(`trapline: ${text}\n`);
  if (error instanceof CommanderError) return error.exitCode === 0 ? Status.ok : Status.usage;
  if (error instanceof UsageError) {
    say(error.message);
    return Status.usage;
  }
  if (error instanceof Trap) {
    environment.err(error.report() + "\n");
    return Status.trap;
  }
  if (error instanceof Exit) return error.status;
  if (
    error instanceof CompileError || error instanceof Unsupported || error instanceof LinkError
  ) {
    say(error.message);
    return Status.failure;
  }
  if (error instanceof InternalError || !(error instanceof Error)) {
    say(`internal error: ${error instanceof Error ? error.message : String(error)}`);
    say("this is a bug in Trapline; please report it with the module and the command line");
    return Status.internal;
  }
  if (error.name === "UnicornUnavailable") {
    say(error.message);
    return Status.failure;
  }
  say(`internal error: ${error.name}: ${error.message}`);
  if (Deno.env.get("TRAPLINE_DEBUG")) environment.err(`${error.stack}\n`);
  return Status.internal;
}

function grammar(environment: Environment, finish: (status: number) => void): Command {
  const program = new Command("trapline");
  program
    .description("WebAssembly ahead-of-time compiler toolkit: compile, run, inspect, pin.")
    .version(VERSION, "-V, --version")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => environment.out(text),
      writeErr: (text) => environment.err(text),
      outputError: (text, write) => write(text.replace(/^error: /, "trapline: ")),
    })
    .showHelpAfterError("(see trapline --help)")
    .addHelpText(
      "after",
      `
Exit status:
  0    success; with run: the program's own status
  1    the module or a file is bad, or a check failed
  2    the command line is wrong
  70   a bug in Trapline
  134  the program trapped`,
    );
  program.hook("preAction", async (_program, command) => {
    if (!commandsWithoutCompiler.has(command.name())) await environment.loadBackends?.();
  });
  addRun(program, environment, finish);
  addCompile(program, environment, finish);
  addInspect(program, environment, finish);
  addSnapshot(program, environment, finish);
  addWast(program, environment, finish);
  addBench(program, environment, finish);
  program.command("setup")
    .description("Fetch the emulator's library into the user's cache, as the first run does.")
    .option("--offline", "only look for it")
    .action(async (options: { offline?: boolean }) => {
      const { setup } = await import("./setup.ts");
      finish(await setup(environment, options));
    });
  return program;
}

const target = (): Option =>
  new Option("--target <name>", "instruction set: x64, aarch64, riscv64, or a triple");
const targets = (): Option =>
  new Option("--target <names>", "instruction sets: names or triples with commas, or all");
const cpuFeatures = (): Option =>
  new Option("--cpu-features <list>", "enable and disable CPU features: zbb,+zba,-c");
const offline = (): Option => new Option("--offline", "never fetch the emulator's library");
const collect = (value: string, previous: string[] = []): string[] => [...previous, value];
const level = (): Option =>
  new Option("-O <level>", "optimise: 0 or 1").choices(["0", "1"]).default("1");

/** `run` loads the compiler itself, when its file is not compiled. */
const commandsWithoutCompiler: ReadonlySet<string> = new Set(["run", "setup"]);

type Finish = (status: number) => void;

function addRun(program: Command, environment: Environment, finish: Finish): void {
  program.command("run")
    .description("Run a WASI command, or an exported function, in the emulator.")
    .argument("<file>", "a .wasm or .wat module, or a compiled object")
    .argument("[args...]", "the program's arguments")
    .addOption(targets())
    .addOption(
      new Option("--check <engine>", "compare with another engine: all it can see").choices(["v8"]),
    )
    .addOption(cpuFeatures())
    .option("--dir <host[::guest]>", "let the program see a directory (repeatable)", collect)
    .option("--env <key=value>", "set an environment variable (repeatable)", collect)
    .option("--invoke <name>", "call this exported function with the arguments")
    .option("--wasm-opt <level>", "optimise with Binaryen first: O0 to O4, Os, Oz")
    .addOption(
      new Option("--unknown-imports <what>", "imports that nothing provides")
        .choices(["error", "trap", "default"]).default("error"),
    )
    .option("--map-path <from=to>", "where trap reports find sources (repeatable)", collect)
    .option("--json", "print a trap's report as a JSON object to standard error")
    .addOption(level())
    .addOption(offline())
    .passThroughOptions()
    .action(async (file: string, args: string[], options: Record<string, never>) => {
      const { run } = await import("./run.ts");
      finish(await run(environment, file, args, { ...options, optimize: options["O"] ?? "1" }));
    });
}

function addCompile(program: Command, environment: Environment, finish: Finish): void {
  program.command("compile")
    .description("Write compiled code as an ELF file, for run or for a linker.")
    .argument("<file>", "a .wasm or .wat module")
    .requiredOption(
      "-o, --output <file>",
      "the file to write: relocatable if it ends in .o, else ready to run",
    )
    .option("--drop-bodies", "leave the wasm code out: smaller, and trap reports know less")
    .option("--wasm-opt <level>", "optimise with Binaryen first: O0 to O4, Os, Oz")
    .addOption(target())
    .addOption(cpuFeatures())
    .addOption(level())
    .action(async (file: string, options: CompileOptions & { readonly O?: "0" | "1" }) => {
      const { compile } = await import("./compile.ts");
      finish(await compile(environment, file, { ...options, optimize: options.O ?? "1" }));
    });
}

function addInspect(program: Command, environment: Environment, finish: Finish): void {
  program.command("inspect")
    .description("Show what becomes of a module: wasm, IR and machine code, for any target.")
    .argument("<file>", "a .wasm or .wat module, or a compiled object (.cwasm, .o)")
    .option("--function <name>", "only this function: an index, a name or an export")
    .option("--ir", "show the IR after optimisation as well")
    .addOption(
      new Option("--stage <name>", "only this stage of each function")
        .choices(["ir", "opt", "select", "alloc", "code"]),
    )
    .option("--side-by-side", "wasm, IR and machine code in three columns")
    .option("--size", "where the bytes go: functions, kinds, trap checks, sections")
    .option("--html <file>", "write a page with all of it and the control flow graphs")
    .addOption(target())
    .addOption(cpuFeatures())
    .addOption(level())
    .action(async (file: string, options: Record<string, never>) => {
      const { inspect } = await import("./inspect.ts");
      finish(await inspect(environment, file, { ...options, optimize: options["O"] ?? "1" }));
    });
}

function addSnapshot(program: Command, environment: Environment, finish: Finish): void {
  const snapshot = program.command("snapshot")
    .description("Golden listings of the emitted code: compare, rewrite, review, summarise.")
    .exitOverride()
    .usage("<check|update|review|diff> [options] [path...]")
    .argument("[action]")
    .action((action?: string) => {
      const given = action === undefined ? "" : `, not "${action}"`;
      const actions = '"check", "update", "review" or "diff"';
      throw new UsageError(`snapshot must be followed by ${actions}${given}`);
    });
  const add = (name: string, description: string): Command =>
    snapshot.command(name).description(description)
      .argument("[path...]", "cases (.wat, .wasm) or folders of them", ["snapshots/cases"])
      .addOption(target())
      .addOption(cpuFeatures());
  add("check", "Compare; exit 1 when a golden is missing, stale, pending or orphaned.")
    .addOption(offline())
    .action(async (paths: string[], options: Record<string, never>) => {
      const command = await import("./snapshot.ts");
      finish(await command.snapshot(environment, "check", paths, options));
    });
  add("update", "Write pending goldens for review, unless a claim or a run line fails.")
    .option("--accept", "write the goldens themselves, and delete orphans")
    .addOption(offline())
    .action(async (paths: string[], options: Record<string, never>) => {
      const command = await import("./snapshot.ts");
      finish(await command.snapshot(environment, "update", paths, options));
    });
  add("review", "Walk through what is pending: accept, reject or skip, a key for each.")
    .option("--accept-all", "accept everything without asking")
    .option("--reject-all", "reject everything without asking")
    .action(async (paths: string[], options: Record<string, never>) => {
      const { review } = await import("./snapshot_review.ts");
      finish(await review(environment, paths, options));
    });
  add("diff", "Say what changed, function by function: pending goldens, or against a base.")
    .option("--base <dir|rev>", "a folder of goldens, or a git revision, to compare with")
    .addOption(new Option("--format <name>", "text or md").choices(["text", "md"]).default("text"))
    .action(async (paths: string[], options: Record<string, never>) => {
      const { diffSnapshots } = await import("./snapshot_diff.ts");
      finish(await diffSnapshots(environment, paths, options));
    });
}

function addWast(program: Command, environment: Environment, finish: Finish): void {
  program.command("wast")
    .description("Run spec scripts and count assertions.")
    .argument("<files...>", ".wast scripts")
    .option("--verbose", "show every failure")
    .addOption(targets())
    .addOption(cpuFeatures())
    .addOption(offline())
    .action(async (files: string[], options: Record<string, never>) => {
      const { wast } = await import("./wast.ts");
      finish(await wast(environment, files, options));
    });
}

function addBench(program: Command, environment: Environment, finish: Finish): void {
  program.command("bench")
    .description("Measure compile time, code size, guest instructions and run time.")
    .argument("<files...>", "WASI commands, or modules that export run")
    .option("--json", "print an array with one object per module and target")
    .option("--no-run", "only compile")
    .option("--compare <file>", "say what moved since a result of --json")
    .option("--repeat <count>", "compile this many times and take the median", parseCount, 5)
    .addOption(targets())
    .addOption(cpuFeatures())
    .addOption(offline())
    .action(async (files: string[], options: Record<string, never>) => {
      const { bench } = await import("./bench.ts");
      finish(await bench(environment, files, options as never));
    });
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("not a count");
  return count;
}
