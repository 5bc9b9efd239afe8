/**
 * `trapline compile`: writes compiled code as an ELF file.
 *
 * @module
 */
import { isElf } from "../object/elf_reader.ts";
import { createEngine, loadBackend } from "./context.ts";
import { type Environment, Status, UsageError } from "./environment.ts";
import { compileModule, loadModule, type LoadOptions, writeFile } from "./module_files.ts";

/** Options of `compile`. */
export interface CompileOptions extends LoadOptions {
  readonly target?: string | undefined;
  /** CPU features to compile with; see `ExecutionOptions`. */
  readonly cpuFeatures?: string | undefined;
  /** `-O0` or `-O1`. */
  readonly optimize?: "0" | "1";
  /** The file to write, `-` for standard output; a linker's input if it ends in `.o`. */
  readonly output: string;
  /** How many threads compile; undefined: as `CompilePool` thinks best. */
  readonly threads?: number | undefined;
  /** Writes a linker's input whatever the file is called. */
  readonly relocatable?: boolean;
  /** Leaves the bodies of the wasm functions out of the file. */
  readonly dropBodies?: boolean;
}

/** Compiles a module to a file and returns the exit status. */
export async function compile(
  environment: Environment,
  file: string,
  options: CompileOptions,
): Promise<number> {
  const { optimize, output, relocatable, dropBodies = false } = options;
  const backend = await loadBackend(environment, options);
  const bytes = await loadModule(file, options, environment);
  if (isElf(bytes)) throw new UsageError(`"${file}" is compiled already`);
  const engine = createEngine(backend, optimize === "0" ? 0 : 1);
  const module = await compileModule(engine, bytes, environment, options.threads);
  const object = await module.serialize({
    relocatable: relocatable || output.endsWith(".o"),
    dropsBodies: dropBodies,
  });
  await writeFile(output, object, environment);
  return Status.ok;
}
