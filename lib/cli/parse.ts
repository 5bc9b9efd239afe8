/**
 * Takes a command line apart by the table of commands.
 *
 * `--name VALUE`, `--name=VALUE`, `-n VALUE` and `-nVALUE` are the same; `--` ends the options.
 *
 * @module
 */
import { UsageError } from "./environment.ts";
import { type Command, longName, type OptionRow } from "./grammar.ts";

/** A command line that was understood. */
export interface Parsed {
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** Takes the arguments after a command's name. @throws UsageError */
export function parseArguments(command: Command, args: readonly string[]): Parsed {
  try {
    return parse(command, args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message} (see trapline ${command.name} --help)`);
  }
}

function parse(command: Command, args: readonly string[]): Parsed {
  const options = initialValues(command), operands: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string;
    if (arg === "--") {
      operands.push(...args.slice(at + 1));
      break;
    }
    if (!arg.startsWith("-") || arg === "-") {
      operands.push(arg);
      if (!command.endsAtOperand) continue;
      operands.push(...args.slice(at + 1));
      break;
    }
    at += takeOption(command, options, arg, args[at + 1]);
  }
  checkCounts(command, operands, options);
  return { operands, options };
}

function initialValues({ options }: Command): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(options)) {
    values[key] = row.kind === "flag"
      ? false
      : row.kind === "list"
      ? []
      : row.kind === "value"
      ? undefined
      : row.default;
  }
  return values;
}

/** Takes one option; returns how many arguments after it belong to it. */
function takeOption(
  command: Command,
  values: Record<string, unknown>,
  arg: string,
  next: string | undefined,
): number {
  const { key, row, name, attached } = findOption(command, arg);
  if (row.kind === "flag") {
    if (attached !== undefined) throw new UsageError(`option "${name}" takes no value`);
    values[key] = true;
    return 0;
  }
  if (row.kind === "choice" && row.bare !== undefined && attached === undefined) {
    const hasValue = next !== undefined && row.choices.includes(next);
    values[key] = hasValue ? next : row.bare;
    return hasValue ? 1 : 0;
  }
  const text = attached ?? next;
  if (text === undefined) throw new UsageError(`option "${name}" needs a value`);
  values[key] = valueOf(row, name, text, values[key]);
  return attached === undefined ? 1 : 0;
}

interface FoundOption {
  readonly key: string;
  readonly row: OptionRow;
  /** As it was written. */
  readonly name: string;
  /** The value that was written together with the name. */
  readonly attached: string | undefined;
}

function findOption(command: Command, arg: string): FoundOption {
  const entries = Object.entries(command.options);
  if (!arg.startsWith("--")) {
    const found = entries.find(([, { short }]) => short !== undefined && arg[1] === short);
    if (found === undefined) throw unknownOption(command, arg);
    const attached = arg.length > 2 ? arg.slice(2).replace(/^=/, "") : undefined;
    return { key: found[0], row: found[1], name: arg.slice(0, 2), attached };
  }
  const equals = arg.indexOf("=");
  const name = equals < 0 ? arg : arg.slice(0, equals);
  const found = entries.find(([key]) => longName(key) === name);
  if (found === undefined) throw unknownOption(command, name);
  const attached = equals < 0 ? undefined : arg.slice(equals + 1);
  return { key: found[0], row: found[1], name, attached };
}

function unknownOption(command: Command, name: string): UsageError {
  const known = [...Object.keys(command.options).map(longName), "--help"];
  return new UsageError(`unknown option "${name}"${suggestion(name, known)}`);
}

function valueOf(
  row: Exclude<OptionRow, { kind: "flag" }>,
  name: string,
  text: string,
  before: unknown,
): unknown {
  switch (row.kind) {
    case "value":
      return text;
    case "list":
      return [...before as string[], text];
    case "choice":
      if (row.choices.includes(text)) return text;
      throw new UsageError(
        `option "${name}" must be ${alternatives(row.choices)}, not "${text}"`,
      );
    case "count": {
      const count = Number(text);
      if (/^\d+$/.test(text) && count >= 1 && Number.isSafeInteger(count)) return count;
      throw new UsageError(`option "${name}" must be a positive number, not "${text}"`);
    }
  }
}

/** `"a" or "b"`. */
function alternatives(choices: readonly string[]): string {
  return choices.map((choice) => `"${choice}"`).join(" or ");
}

function checkCounts(
  command: Command,
  operands: readonly string[],
  options: Readonly<Record<string, unknown>>,
): void {
  const missing = command.operands[operands.length];
  if (missing !== undefined && !missing.isOptional) {
    throw new UsageError(`${command.name} needs ${missing.name}, ${missing.help}`);
  }
  const isOpen = command.operands.at(-1)?.isMany ?? false;
  if (!isOpen && operands.length > command.operands.length) {
    throw new UsageError(`unexpected argument "${operands[command.operands.length]}"`);
  }
  command.operands.forEach(({ name, choices }, n) => {
    const operand = operands[n];
    if (choices === undefined || operand === undefined || choices.includes(operand)) return;
    throw new UsageError(`${name} must be ${alternatives(choices)}, not "${operand}"`);
  });
  for (const [key, row] of Object.entries(command.options)) {
    if (row.kind === "value" && row.isRequired && options[key] === undefined) {
      throw new UsageError(`${command.name} needs ${longName(key)}, ${row.help}`);
    }
  }
}

/** `; did you mean "--target"?` when one of the known names is near, else nothing. */
export function suggestion(name: string, known: readonly string[]): string {
  let best = "", distance = 3;
  for (const candidate of known) {
    const d = editDistance(name, candidate);
    if (d < distance) {
      best = candidate;
      distance = d;
    }
  }
  return best === "" ? "" : `; did you mean "${best}"?`;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
