/**
 * The command line: finds the command, runs it, and says what errors look like.
 *
 * @module
 */
import { CompileError, InternalError, Unsupported } from "../base/errors.ts";
import { Exit, LinkError, Trap } from "../runtime/trap.ts";
import { commands } from "./commands.ts";
import { type Environment, Status, UsageError } from "./environment.ts";
import type { Command } from "./grammar.ts";
import { parseArguments, suggestion } from "./parse.ts";

/** Runs the command line and returns the exit status. Never throws. */
export async function main(args: readonly string[], environment: Environment): Promise<number> {
  try {
    return await dispatch(args, environment);
  } catch (error) {
    return await explain(error, environment);
  }
}

async function dispatch(args: readonly string[], environment: Environment): Promise<number> {
  const [first, ...others] = args;
  if (first === "-V" || first === "--version") {
    const { version } = await import("./version.ts");
    return version(environment);
  }
  if (first === "help" && others.length > 0) {
    return await dispatch([...others, "--help"], environment);
  }
  if (first === undefined || first === "help" || first === "-h" || first === "--help") {
    const { programHelp } = await import("./help.ts");
    // Nothing was asked for, so nothing was done.
    (first === undefined ? environment.err : environment.out)(programHelp(commands));
    return first === undefined ? Status.usage : Status.ok;
  }
  const { command, rest } = findCommand(args);
  if (asksForHelp(command, rest)) {
    const { commandHelp } = await import("./help.ts");
    environment.out(commandHelp(command));
    return Status.ok;
  }
  const { operands, options } = parseArguments(command, rest);
  return await command.run(environment, operands, options);
}

/** The command that the arguments begin with, and what follows its name. @throws UsageError */
function findCommand(args: readonly string[]): { command: Command; rest: readonly string[] } {
  const [first, second] = args as [string, string?];
  const whole = commands.find(({ name }) => name === first);
  if (whole !== undefined) return { command: whole, rest: args.slice(1) };
  const family = commands.filter(({ name }) => name.startsWith(`${first} `));
  const found = family.find(({ name }) => name === `${first} ${second}`);
  if (found !== undefined) return { command: found, rest: args.slice(2) };
  if (family.length > 0) {
    const names = family.map(({ name }) => `"${name.slice(first.length + 1)}"`).join(", ");
    const given = second === undefined ? "" : `, not "${second}"`;
    throw new UsageError(
      `${first} must be followed by one of ${names}${given} (see trapline --help)`,
    );
  }
  const known = [...new Set(commands.map(({ name }) => name.split(" ")[0] as string))];
  const kind = first.startsWith("-") ? "option" : "command";
  throw new UsageError(
    `unknown ${kind} "${first}"${suggestion(first, known)} (see trapline --help)`,
  );
}

/** Whether help is asked for, and not by an argument of the program that `run` executes. */
function asksForHelp(command: Command, rest: readonly string[]): boolean {
  for (const arg of rest) {
    if (arg === "--" || (command.endsAtOperand && !arg.startsWith("-"))) return false;
    if (arg === "-h" || arg === "--help") return true;
  }
  return false;
}

/** Prints one clear message and returns the exit status that goes with it. */
async function explain(error: unknown, environment: Environment): Promise<number> {
  const say = (text: string): void => environment.err(`trapline: ${text}\n`);
  if (error instanceof UsageError) {
    say(error.message);
    return Status.usage;
  }
  if (error instanceof Trap) {
    const { reportFailure } = await import("./run_failure.ts");
    return await reportFailure(environment, error, { pathMappings: [], json: false });
  }
  if (error instanceof Exit) return error.status;
  // Who reads the output, `head` perhaps, wants no more of it.
  if (error instanceof Deno.errors.BrokenPipe) return Status.ok;
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
