/**
 * Child processes whose time, output or memory is measured.
 *
 * @module
 */
import { CompileError } from "../../base/errors.ts";

/** How a child is started. */
export interface ChildOptions {
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from standard input; nothing when absent. */
  readonly stdin?: Uint8Array<ArrayBuffer>;
}

/** What a child did. */
export interface ChildRun {
  /** From its start to its end. */
  readonly ms: number;
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command. @throws Deno.errors.NotFound when there is no such program */
export async function runChild(
  [program, ...args]: readonly string[],
  options: ChildOptions = {},
): Promise<ChildRun> {
  const { cwd, env, stdin } = options;
  const start = performance.now();
  const child = new Deno.Command(program as string, {
    args,
    ...(cwd !== undefined && { cwd }),
    env: { NO_COLOR: "1", ...env },
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [output] = await Promise.all([child.output(), stdin && feed(child, stdin)]);
  const ms = performance.now() - start;
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { ms, status: output.code, stdout: text(output.stdout), stderr: text(output.stderr) };
}

async function feed(child: Deno.ChildProcess, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(bytes);
    await writer.close();
  } catch {
    // It ended without reading everything; its status and its errors say why.
  }
}

/** As {@linkcode runChild}. @throws CompileError with what the child said when it fails */
export async function runChildOrFail(
  command: readonly string[],
  options: ChildOptions = {},
): Promise<ChildRun> {
  const run = await runChild(command, options);
  if (run.status === 0) return run;
  const said = run.stderr.trim().split("\n").at(-1) ?? "";
  throw new CompileError(
    `Cannot measure in a child process: it exits with status ${run.status}` +
      (said === "" ? "" : ` after "${said.replace(/^trapline: /, "")}"`),
  );
}

const installed = new Map<string, boolean>();

/** Whether a program is installed: runs it once, with arguments that make it end at once. */
export async function isInstalled(command: readonly string[]): Promise<boolean> {
  const key = JSON.stringify(command);
  let answer = installed.get(key);
  if (answer === undefined) {
    try {
      answer = (await runChild(command)).status === 0;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      answer = false;
    }
    installed.set(key, answer);
  }
  return answer;
}

/** GNU time. */
const TIME = "/usr/bin/time";
/** How often a child's memory is looked at where GNU time is not installed. */
const POLL_MS = 2;

/**
 * Runs a command and gives the most memory that it held, in KiB: as GNU time reports it, else the
 * highest that was seen in `/proc`, null where there is neither.
 */
export async function peakMemory(
  command: readonly string[],
  options: ChildOptions = {},
): Promise<number | null> {
  if (Deno.build.os !== "linux") return null;
  if (!hasGnuTime()) return await polledPeakMemory(command, options);
  const report = await Deno.makeTempFile({ prefix: "trapline-" });
  try {
    await runChild([TIME, "-q", "-f", "%M", "-o", report, ...command], options);
    const kib = Number((await Deno.readTextFile(report)).trim());
    return kib > 0 ? kib : null;
  } finally {
    await Deno.remove(report);
  }
}

function hasGnuTime(): boolean {
  try {
    return Deno.statSync(TIME).isFile;
  } catch {
    return false;
  }
}

/** Exported for its test. */
export async function polledPeakMemory(
  [program, ...args]: readonly string[],
  { cwd, env }: ChildOptions,
): Promise<number | null> {
  const child = new Deno.Command(program as string, {
    args,
    ...(cwd !== undefined && { cwd }),
    env: { ...env },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let highest: number | null = null;
  const look = setInterval(() => {
    highest = Math.max(highest ?? 0, peakOf(child.pid) ?? 0) || null;
  }, POLL_MS);
  await child.status;
  clearInterval(look);
  return highest;
}

/** The most memory that a living process has held so far, in KiB; null where it cannot be told. */
export function peakOf(pid: number | "self"): number | null {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const kib = Number(status.match(/^VmHWM:\s*(\d+) kB$/m)?.[1]);
    return kib > 0 ? kib : null;
  } catch {
    return null;
  }
}
