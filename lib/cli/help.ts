/**
 * Help pages, made from the table of commands; no line is longer than 80 columns.
 *
 * @module
 */
import { Status } from "./environment.ts";
import { type Command, longName, operandText, type OptionRow } from "./grammar.ts";

const COLUMNS = 80;
/** Where explanations begin, unless what they explain is longer. */
const TAB = 24;

/** The page of the whole program. */
export function programHelp(commands: readonly Command[]): string {
  return [
    "Usage: trapline COMMAND [OPTIONS] [ARGUMENTS]",
    "",
    "WebAssembly ahead-of-time compiler toolkit: compile, run, inspect, pin.",
    "",
    "Commands:",
    ...commands.flatMap(({ name, summary }) => entry(name, summary)),
    "",
    "Options:",
    ...entry("-V, --version", "the version, the targets, and the emulator's library"),
    ...entry("-h, --help", "this page; COMMAND --help is that of a command"),
    "",
    "Exit status:",
    ...entry(`${Status.ok}`, "success; with run: the program's own status"),
    ...entry(`${Status.failure}`, "the module or a file is bad, or a check failed"),
    ...entry(`${Status.usage}`, "the command line is wrong"),
    ...entry(`${Status.internal}`, "a bug in Trapline"),
    ...entry(`${Status.trap}`, "the program trapped"),
  ].join("\n") + "\n";
}

/** The page of a command. */
export function commandHelp({ name, summary, operands, options }: Command): string {
  const usage = ["trapline", name, "[OPTIONS]", ...operands.map(operandText)].join(" ");
  return [
    ...wrap(`Usage: ${usage}`, COLUMNS),
    "",
    ...wrap(summary, COLUMNS),
    ...(operands.length === 0 ? [] : ["", "Arguments:"]),
    ...operands.flatMap((operand) => entry(operandText(operand), operand.help)),
    "",
    "Options:",
    ...Object.entries(options).flatMap(([key, row]) => entry(optionText(key, row), helpOf(row))),
    ...entry("-h, --help", "this page"),
  ].join("\n") + "\n";
}

function optionText(key: string, row: OptionRow): string {
  const name = row.short === undefined ? longName(key) : `-${row.short}, ${longName(key)}`;
  if (row.kind === "flag") return name;
  return row.kind === "choice" && row.bare !== undefined
    ? `${name}[=${row.placeholder}]`
    : `${name} ${row.placeholder}`;
}

function helpOf(row: OptionRow): string {
  switch (row.kind) {
    case "list":
      return `${row.help} (repeatable)`;
    case "choice":
      return `${row.help}: ${row.choices.join(", ")} (default ${row.default})`;
    case "count":
      return row.default === undefined ? row.help : `${row.help} (default ${row.default})`;
    default:
      return row.help;
  }
}

function entry(name: string, text: string): string[] {
  const head = `  ${name}`;
  const lines = wrap(text, COLUMNS - TAB);
  const first = head.length <= TAB - 2 ? [head.padEnd(TAB) + lines.shift()] : [head];
  return [...first, ...lines.map((line) => " ".repeat(TAB) + line)];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
