/**
 * The programs of the WASI preview 1 test suite.
 */
import { fileURLToPath } from "node:url";
import { SHARED, sharedFiles } from "./shared.ts";

/** How many programs the suite has: fewer would be a mistake of ours. */
export const SUITE_PROGRAMS = 72;

/** How a program is started, and what it must do. */
interface Specification {
  readonly args?: readonly string[];
  readonly dirs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly exit_code?: number;
  readonly stdout?: string;
}

/** What `run` would reach the host's files with. */
const C_LIBRARIES = ["libc.so.6", "/usr/lib/libSystem.B.dylib"] as const;

/** What is understood of a specification: anything else would be passed over in silence. */
const known: readonly string[] = ["args", "dirs", "env", "exit_code", "stdout"];

/** One program. */
export interface WasiProgram {
  /** `suite/name`. */
  readonly name: string;
  readonly file: string;
  readonly folder: string;
  readonly specification: Specification;
}

const cli = fileURLToPath(new URL("../../cli.ts", import.meta.url));

/** All programs; empty where the suite is absent. */
export function wasiPrograms(): WasiProgram[] {
  return ["assemblyscript", "c", "rust"].flatMap((suite) =>
    sharedFiles(`wasi/${suite}`, ".wasm").map((file) => {
      const stem = file.slice(0, -".wasm".length);
      let specification: Specification = {};
      try {
        specification = JSON.parse(Deno.readTextFileSync(`${stem}.json`));
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
      const unknown = Object.keys(specification).filter((key) => !known.includes(key));
      if (unknown.length > 0) throw new Error(`${stem}.json: unknown ${unknown.join(", ")}`);
      const name = `${suite}/${stem.slice(stem.lastIndexOf("/") + 1)}`;
      return { name, file, folder: `${SHARED}/wasi/${suite}`, specification };
    })
  );
}

/** How the suite runs a program. */
export interface RunOptions {
  /** The default is that of `run`. */
  readonly target?: string;
  /** Without the permission to load the C library, so that Deno's own functions serve. */
  readonly isPortable?: boolean;
}

/** Runs a program on copies of its folders; says what is wrong, undefined when nothing is. */
export async function runWasiProgram(
  program: WasiProgram,
  { target, isPortable = false }: RunOptions = {},
): Promise<string | undefined> {
  const { args = [], dirs = [], env = {}, exit_code = 0, stdout } = program.specification;
  const work = await Deno.makeTempDir({ prefix: "trapline-wasi-" });
  try {
    for (const dir of dirs) await copyFolder(`${program.folder}/${dir}`, `${work}/${dir}`);
    const result = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        ...(isPortable ? [`--deny-ffi=${C_LIBRARIES.join()}`] : []),
        "--no-check",
        cli,
        "run",
        "--no-cache",
        ...(target === undefined ? [] : ["--target", target]),
        ...dirs.flatMap((dir) => ["--dir", dir]),
        ...Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
        program.file,
        ...args,
      ],
      cwd: work,
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    if (result.code !== exit_code) {
      return `exit status ${result.code}, expected ${exit_code}: ` +
        decoder.decode(result.stderr).slice(0, 300);
    }
    const out = decoder.decode(result.stdout);
    return stdout !== undefined && out !== stdout
      ? `printed ${JSON.stringify(out)}, expected ${JSON.stringify(stdout)}`
      : undefined;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    if (entry.isDirectory) await copyFolder(`${from}/${entry.name}`, `${to}/${entry.name}`);
    else {
      // The originals may be read-only, and the programs write.
      await Deno.writeFile(`${to}/${entry.name}`, await Deno.readFile(`${from}/${entry.name}`));
    }
  }
}
