/**
 * `trapline compile`: writes compiled code as an ELF file.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { isElf } from "../object/elf_reader.ts";
import { createEngine, loadBackend } from "./context.ts";
import { type Environment, Status, UsageError } from "./environment.ts";
import { compileModule, loadModule, type LoadOptions } from "./module_files.ts";

/** Options of `compile`. */
export interface CompileOptions extends LoadOptions {
  readonly target?: string | undefined;
  /** `-O0` or `-O1`. */
  readonly optimize?: "0" | "1";
  /** The file to write; a linker's input if it ends in `.o`. */
  readonly output: string;
  /** How many threads compile; undefined: as many as the machine has. */
  readonly threads?: number | undefined;
  /** Leaves the bodies of the wasm functions out of the file. */
  readonly dropBodies?: boolean;
}

/** Compiles a module to a file and returns the exit status. */
export async function compile(
  environment: Environment,
  file: string,
  options: CompileOptions,
): Promise<number> {
  const { target, optimize, output, dropBodies = false } = options;
  const backend = await loadBackend(environment, target);
  const bytes = await loadModule(file, options);
  if (isElf(bytes)) throw new UsageError(`"${file}" is compiled already`);
  const engine = createEngine(backend, optimize === "0" ? 0 : 1);
  const module = await compileModule(engine, bytes, environment, options.threads);
  await writeFile(
    output,
    await module.serialize({ relocatable: output.endsWith(".o"), dropsBodies: dropBodies }),
  );
  return Status.ok;
}

/** @throws CompileError when the file cannot be written */
async function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await Deno.writeFile(path, bytes);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new CompileError(`Cannot write "${path}": ${error.message}`);
  }
}
