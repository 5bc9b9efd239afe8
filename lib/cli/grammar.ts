/**
 * How a command line is described: a command is a table row with its operands and options, from which
 * parsing, help and shell completions are derived. An option's name is its key in kebab case.
 *
 * This is the project's own because of its start-up: parsers that stand on Node's modules take longer
 * to load than a small program takes to run.
 *
 * @module
 */
import type { Environment } from "./environment.ts";

/** What an argument names, for shell completions. */
export type Completion = "file" | "directory" | "target" | "targets" | "none";

interface OptionCommon {
  /** A clause for the help page. */
  readonly help: string;
  /** A letter: `-o`. */
  readonly short?: string;
}

/** An option without a value: `--json`. */
export interface FlagOption extends OptionCommon {
  readonly kind: "flag";
}
/** An option with a value: `--invoke NAME`. */
export interface ValueOption extends OptionCommon {
  readonly kind: "value";
  readonly placeholder: string;
  readonly isRequired?: boolean;
  readonly completion?: Completion;
}
/** An option with a value that may be given several times: `--env KEY=VALUE`. */
export interface ListOption extends OptionCommon {
  readonly kind: "list";
  readonly placeholder: string;
  readonly completion?: Completion;
}
/** An option whose value is one of a few. */
export interface ChoiceOption<Choice extends string = string> extends OptionCommon {
  readonly kind: "choice";
  readonly placeholder: string;
  readonly choices: readonly Choice[];
  /** The value without the option. */
  readonly default: NoInfer<Choice>;
  /** The value of the option without one, as in `-O`. */
  readonly bare?: NoInfer<Choice>;
}
/** An option whose value is a positive integer. */
export interface CountOption extends OptionCommon {
  readonly kind: "count";
  readonly placeholder: string;
  /** The value without the option; absent: undefined. */
  readonly default?: number;
}

/** Any option. */
export type OptionRow = FlagOption | ValueOption | ListOption | ChoiceOption | CountOption;
/** The options of a command by key. */
export type OptionTable = Readonly<Record<string, OptionRow>>;

/** What an option's value is to the command. */
type ValueOf<Row extends OptionRow> = Row extends FlagOption ? boolean
  : Row extends ListOption ? readonly string[]
  : Row extends ChoiceOption<infer Choice> ? Choice
  : Row extends CountOption
    ? (Row extends { readonly default: number } ? number : number | undefined)
  : Row extends { readonly isRequired: true } ? string
  : string | undefined;
/** What parsing the options of a table gives. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Key in keyof Table]: ValueOf<Table[Key]>;
};

/** An argument without a name. */
export interface Operand {
  /** In capitals. */
  readonly name: string;
  readonly help: string;
  /** It may be left out. */
  readonly isOptional?: boolean;
  /** It may be given several times. */
  readonly isMany?: boolean;
  readonly completion?: Completion;
  /** What it may be, where that is one of a few. */
  readonly choices?: readonly string[];
}

/** A command of the program. */
export interface Command {
  /** One word, or two: `snapshot check`. */
  readonly name: string;
  /** What it does, a sentence for the help page. */
  readonly summary: string;
  readonly operands: readonly Operand[];
  readonly options: OptionTable;
  /** Everything after the first operand is one too, even if it looks like an option. */
  readonly endsAtOperand: boolean;
  /** Does the work and returns the exit status. */
  readonly run: (
    environment: Environment,
    operands: readonly string[],
    options: Readonly<Record<string, unknown>>,
  ) => Promise<number>;
}

/** What {@linkcode defineCommand} is given: a command whose options have types. */
export interface CommandDefinition<Table extends OptionTable> {
  readonly name: string;
  readonly summary: string;
  readonly operands?: readonly Operand[];
  readonly options?: Table;
  readonly endsAtOperand?: boolean;
  readonly run: (
    environment: Environment,
    operands: readonly string[],
    options: OptionValues<Table>,
  ) => Promise<number>;
}

/** A row of the table of commands. */
export function defineCommand<const Table extends OptionTable>(
  definition: CommandDefinition<Table>,
): Command {
  const { operands = [], options = {}, endsAtOperand = false } = definition;
  return { ...definition, operands, options, endsAtOperand } as Command;
}

/** The long name of an option: `unknownImports` is `--unknown-imports`. */
export function longName(key: string): string {
  return "--" + key.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
}

/** The name of an operand with what it may be: `FILE`, `[ARGS…]`. */
export function operandText({ name, isOptional, isMany }: Operand): string {
  const text = isMany ? `${name}…` : name;
  return isOptional ? `[${text}]` : text;
}
