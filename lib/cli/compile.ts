/**
 * `trapline compile`: writes compiled code as an ELF file.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { isElf } from "../object/elf_reader.ts";
import {
  compileModule,
  type CompileSettings,
  createEngine,
  type Environment,
  loadModule,
  type LoadOptions,
  selectBackend,
  Status,
  UsageError,
} from "./context.ts";

/** Options of `compile`. */
export interface CompileOptions extends LoadOptions, CompileSettings {
  readonly target?: string;
  /** The file to write; a linker's input if it ends in `.o`. */
  readonly output: string;
  /** Leaves the bodies of the wasm functions out of the file. */
  readonly dropBodies?: boolean;
}

/** Compiles a module to a file and returns the exit status. */
export async function compile(
  environment: Environment,
  file: string,
  options: CompileOptions,
): Promise<number> {
  const { target, output, dropBodies = false } = options;
  const backend = selectBackend(environment, target);
  const bytes = await loadModule(file, options);
  if (isElf(bytes)) throw new UsageError(`"${file}" is compiled already`);
  const engine = createEngine(backend, options);
  const module = compileModule(engine, bytes, environment);
  await writeFile(
    output,
    module.serialize({ relocatable: output.endsWith(".o"), dropsBodies: dropBodies }),
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
