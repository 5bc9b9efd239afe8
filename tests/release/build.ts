/** Builds standalone programs for tests, and runs them where there is nothing else. */
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");

/** Whether a program runs and succeeds. */
export function works(program: string, ...args: readonly string[]): boolean {
  try {
    return new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

/** Portable programs are started by a shell and need these of the system, and nothing else. */
const tools = ["sh", "tail", "tar", "gzip", "mkdir", "rm", "id"] as const;

/** Why portable programs cannot be tested here, undefined where they can. */
export const noPortable: string | undefined = Deno.build.os === "windows"
  ? "there is no POSIX shell"
  : tools.map(find).includes(undefined)
  ? "a tool that every system has is not there"
  : undefined;

/** Runs a program apart from the others. */
export const unshare: string | undefined = find("unshare");

/** Whether a process can be put where there is no network. */
export const hasUnshare: boolean = unshare !== undefined && works(unshare, "-n", "true");

/** Where a tool of the system lies. */
export function find(tool: string): string | undefined {
  for (const folder of ["/bin", "/usr/bin", "/sbin", "/usr/sbin"]) {
    try {
      if (Deno.statSync(`${folder}/${tool}`).isFile) return `${folder}/${tool}`;
    } catch {
      // Not there.
    }
  }
  return undefined;
}

/** What a build printed. */
export interface Build {
  readonly out: string;
  readonly err: string;
  readonly status: number;
}

/** Runs `deno task binary` of a project. */
export async function buildBinary(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Build> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "release/binary.ts", ...args],
    cwd: folder,
    env: { ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { status: code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** Copies what a program is built of to another folder. */
export async function copyProject(target: string): Promise<void> {
  const parts = ["cli.ts", "deno.json", "deno.lock", "lib", "backends", "release"];
  await Deno.mkdir(target, { recursive: true });
  for (const part of [...parts, "LICENSE-MIT", "LICENSE-APACHE"]) {
    await copy(`${root}/${part}`, `${target}/${part}`);
  }
}

/** Copies a file, or a folder with all that is in it. */
export async function copy(from: string, to: string): Promise<void> {
  if (!(await Deno.stat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copy(`${from}/${name}`, `${to}/${name}`);
}

/** What a program did. */
export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs a program with an environment of its own: a `PATH` on which there is nothing but the tools of
 * every system, no home, and no network where that can be had.
 */
export async function runAlone(
  command: readonly string[],
  { folder, env = {} }: {
    readonly folder: string;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<Ran> {
  const path = await toolsFolder(folder);
  const [program = "", ...args] = hasUnshare ? [unshare as string, "-n", ...command] : command;
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd: folder,
    clearEnv: true,
    env: { PATH: path, TMPDIR: folder, ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { status: code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** A folder with links to the tools. */
async function toolsFolder(folder: string): Promise<string> {
  const path = `${folder}/tools`;
  await Deno.mkdir(path, { recursive: true });
  for (const tool of tools) {
    await Deno.symlink(find(tool) as string, `${path}/${tool}`).catch(() => {});
  }
  return path;
}
