/**
 * What a peer is: another compiler of the same modules, measured in the same run. Peers are child
 * processes; nothing of Trapline depends on them, and one that is not installed is skipped.
 *
 * @module
 */
import { CompileError } from "../../../base/errors.ts";
import type { ChildRun } from "../child.ts";

/** What a peer is asked to compile, and to run. */
export interface PeerJob {
  /** The module in the binary format. */
  readonly wasmPath: string;
  /** The program's name: its `argv[0]`. */
  readonly programName: string;
  /** The program's only folder, which it sees as `.`. */
  readonly folder: string;
  /** The instruction set that Trapline compiles for: `x64`, `aarch64` or `riscv64`. */
  readonly target: string;
  /** How often to measure, as long as it does not take long. */
  readonly repeat: number;
  /** Whether to run the program, too. */
  readonly runs: boolean;
  /** A folder for files, which is deleted in the end. */
  readonly scratch: string;
}

/** What a peer achieved. Times are in ms, and null stands for what it cannot do. */
export interface PeerFigures {
  /** E.g. `turbofan`. */
  readonly peer: string;
  /** The instruction set that it compiled for, which is the machine's own if it can do no other. */
  readonly target: string | null;
  /** Median of compilations on one thread. */
  readonly compileMs: number | null;
  /** The same of the thread's CPU time. */
  readonly compileCpuMs: number | null;
  /** Bytes of machine code. */
  readonly codeBytes: number | null;
  /** Median of the time in the bench region, natively. */
  readonly runMs: number | null;
  /** Why there are no figures; absent when there are. */
  readonly skipped?: string;
}

/** A compiler, or several tiers of one. */
export interface Peer {
  /** As `--peers` names it. */
  readonly name: string;
  /** Measures it: one element for each tier. Fails only where the peer itself does. */
  measure(job: PeerJob): Promise<readonly PeerFigures[]>;
}

/** The instruction set of this machine, as targets are called. */
export const hostTarget: string = Deno.build.arch === "aarch64" ? "aarch64" : "x64";

/** The figures of a peer that was not measured. */
export function skip(peer: string, reason: string): PeerFigures {
  const nothing = { compileMs: null, compileCpuMs: null, codeBytes: null, runMs: null };
  return { peer, target: null, ...nothing, skipped: reason };
}

/** What a child printed last, as JSON. @throws CompileError when it failed */
export function answerOf({ status, stdout, stderr }: ChildRun, peer: string): unknown {
  const line = stdout.trim().split("\n").at(-1) ?? "";
  if (status === 0) {
    try {
      return JSON.parse(line);
    } catch {
      // Falls through to the message.
    }
  }
  throw new CompileError(`Cannot measure ${peer}: ${lastLine(stderr) || `status ${status}`}`);
}

/** The last line of a text that is not empty. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

/** Milliseconds after which a program is not run again, for the scripts of peers. */
export const RUN_BUDGET_MS = 3000;
