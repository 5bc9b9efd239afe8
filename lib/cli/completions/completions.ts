/**
 * `trapline completions`: scripts that teach shells the table of commands.
 *
 * @module
 */
import { InternalError } from "../../base/errors.ts";
import { type Environment, Status } from "../environment.ts";
import type { Command } from "../grammar.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { type CommandWords, wordsOf } from "./words.ts";
import { zshScript } from "./zsh.ts";

const scripts: Readonly<Record<string, (commands: readonly CommandWords[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Prints the script for a shell and returns the exit status. */
export function completions(
  environment: Environment,
  commands: readonly Command[],
  shell: string,
): number {
  const script = scripts[shell];
  if (script === undefined) throw new InternalError(`no completions for "${shell}"`);
  environment.out(script(wordsOf(commands, environment)));
  return Status.ok;
}
