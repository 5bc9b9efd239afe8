/**
 * What can stand where in a command line, as the scripts of all shells need it.
 *
 * @module
 */
import type { Environment } from "../environment.ts";
import {
  type Command,
  type Completion,
  longName,
  type Operand,
  type OptionRow,
} from "../grammar.ts";

/** What completes an argument: some words, or files, or folders, or nothing. */
export type Argument =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "file" | "directory" | "nothing" };

/** An option as a shell knows it. */
export interface OptionWord {
  /** `--output`. */
  readonly long: string;
  /** A letter. */
  readonly short: string | undefined;
  readonly help: string;
  /** What stands for its value; undefined when it has none. */
  readonly value: { readonly placeholder: string; readonly argument: Argument } | undefined;
  /** Its value may be left out. */
  readonly isBare: boolean;
  /** It may be given several times. */
  readonly isMany: boolean;
}

/** An operand as a shell knows it. */
export interface OperandWord {
  readonly name: string;
  readonly argument: Argument;
  readonly isMany: boolean;
}

/** A command as a shell knows it. */
export interface CommandWords {
  /** One word, or two. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly options: readonly OptionWord[];
  readonly operands: readonly OperandWord[];
  /** Everything after the first operand belongs to the program that is run. */
  readonly endsAtOperand: boolean;
}

/** Options of the program itself. */
export const programOptions: readonly (readonly [name: string, help: string])[] = [
  ["--help", "the commands, or a command's options"],
  ["--version", "the version, the targets and the emulator's library"],
];

/** The words of all commands. */
export function wordsOf(
  commands: readonly Command[],
  { targets }: Pick<Environment, "targets">,
): CommandWords[] {
  const names = targets.map(({ name }) => name);
  const argument = (completion: Completion = "none", choices?: readonly string[]): Argument => {
    if (choices !== undefined) return { kind: "words", words: choices };
    switch (completion) {
      case "target":
        return { kind: "words", words: names };
      case "targets":
        return { kind: "words", words: [...names, "all"] };
      case "none":
        return { kind: "nothing" };
      default:
        return { kind: completion };
    }
  };
  const option = ([key, row]: [string, OptionRow]): OptionWord => ({
    long: longName(key),
    short: row.short,
    help: row.help,
    value: row.kind === "flag" ? undefined : {
      placeholder: row.placeholder,
      argument: row.kind === "choice"
        ? argument("none", row.choices)
        : argument(row.kind === "count" ? "none" : row.completion),
    },
    isBare: row.kind === "choice" && row.bare !== undefined,
    isMany: row.kind === "list",
  });
  const operand = ({ name, completion, choices, isMany = false }: Operand): OperandWord => ({
    name,
    argument: argument(completion, choices),
    isMany,
  });
  return commands.map(({ name, summary, options, operands, endsAtOperand }) => ({
    path: name.split(" "),
    summary,
    options: [
      ...Object.entries(options).map(option),
      {
        long: "--help",
        short: "h",
        help: "the help page",
        value: undefined,
        isBare: false,
        isMany: false,
      },
    ],
    operands: operands.map(operand),
    endsAtOperand,
  }));
}

/** The first words of command lines, each once, with what it does; families get a summary of theirs. */
export function firstWords(commands: readonly CommandWords[]): [word: string, summary: string][] {
  const found = new Map<string, string>();
  for (const { path: [first = "", second], summary } of commands) {
    if (second === undefined) found.set(first, summary);
    else if (!found.has(first)) found.set(first, `${secondWords(commands, first).join(", ")}`);
  }
  return [...found];
}

/** The words that may follow the first of a family of commands. */
export function secondWords(commands: readonly CommandWords[], family: string): string[] {
  return commands.flatMap(({ path: [first, second] }) =>
    first === family && second !== undefined ? [second] : []
  );
}
