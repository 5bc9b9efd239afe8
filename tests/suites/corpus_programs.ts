/**
 * The programs of the corpus and what is expected of each.
 */
import { fileURLToPath } from "node:url";
import { hasShared, SHARED, sharedFiles } from "./shared.ts";

/** One program. */
export interface Program {
  readonly name: string;
  /** Full path of the module. */
  readonly file: string;
  /** The folder it sees as `.`. */
  readonly folder: string;
  readonly stdout: string;
  readonly stderr: string;
}

const cli = fileURLToPath(new URL("../../cli.ts", import.meta.url));

/** All programs that have expected output, by name; empty where the corpus is absent. */
export function programs(): Program[] {
  if (!hasShared("corpus")) return [];
  const found: Program[] = [];
  for (const { name: folder } of Deno.readDirSync(`${SHARED}/corpus`)) {
    for (const file of sharedFiles(`corpus/${folder}`, ".wasm")) {
      const stem = file.slice(0, -".wasm".length);
      const base = stem.slice(stem.lastIndexOf("/") + 1);
      try {
        found.push({
          name: base === "benchmark" ? folder : base,
          file,
          folder: `${SHARED}/corpus/${folder}`,
          stdout: Deno.readTextFileSync(`${stem}.stdout.expected`),
          stderr: Deno.readTextFileSync(`${stem}.stderr.expected`),
        });
      } catch {
        continue; // CoreMark has no expected output: it validates itself.
      }
    }
  }
  return found.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** Runs a program through the command line; says what is wrong, undefined when nothing is. */
export async function runProgram(program: Program, target?: string): Promise<string | undefined> {
  const options = ["--no-cache", ...(target === undefined ? [] : ["--target", target])];
  const { code, out, err } = await run(program, options);
  if (code !== 0) return `exit status ${code}: ${err.slice(0, 2000)}`;
  return difference(program, out, err);
}

/** What `run --check --json` prints, as far as it is looked at here. */
interface CheckReport {
  readonly runs: readonly {
    readonly subject: string;
    readonly end: string;
    readonly stdout: string;
    readonly stderr: string;
  }[];
  readonly differences: readonly string[];
}

/**
 * Runs a program on several targets and in V8, and compares all that can be seen of it; says what is
 * wrong, undefined when nothing is.
 * @param targets as `--target` takes them
 */
export async function checkProgram(program: Program, targets: string): Promise<string | undefined> {
  const { code, out, err } = await run(program, ["--target", targets, "--check", "v8", "--json"]);
  if (out === "") return `exit status ${code}: ${err.slice(0, 2000)}`;
  const { runs, differences }: CheckReport = JSON.parse(out);
  if (differences.length > 0 || code !== 0) return `status ${code}: ${differences.join("; ")}`;
  for (const { subject, end, stdout, stderr } of runs) {
    if (end !== "exit status 0") return `${subject}: ${end}`;
    const problem = difference(program, stdout, stderr);
    if (problem !== undefined) return `${subject}: ${problem}`;
  }
  return undefined;
}

function difference({ stdout, stderr }: Program, out: string, err: string): string | undefined {
  if (out !== stdout) return `stdout differs: ${JSON.stringify(out.slice(0, 200))}`;
  if (err !== stderr) return `stderr differs: ${JSON.stringify(err.slice(0, 200))}`;
  return undefined;
}

async function run(
  program: Program,
  options: readonly string[],
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", cli, "run", ...options, "--dir", ".", program.file],
    cwd: program.folder,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}
