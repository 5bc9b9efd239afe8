/**
 * The completion script for fish. Load it with `trapline completions fish | source`.
 *
 * @module
 */
import {
  type Argument,
  type CommandWords,
  firstWords,
  type OptionWord,
  programOptions,
  secondWords,
} from "./words.ts";

/** Writes the script. */
export function fishScript(commands: readonly CommandWords[]): string {
  const lines: string[] = [];
  const add = (condition: string, ...rest: readonly string[]): void => {
    lines.push(["complete -c trapline", "-n", quote(condition), ...rest].join(" "));
  };
  for (const [word, summary] of firstWords(commands)) {
    add("__trapline_at", "-f", "-a", word, "-d", quote(summary));
    for (const second of secondWords(commands, word)) {
      const found = commands.find(({ path }) => path[0] === word && path[1] === second);
      add(`__trapline_at ${word}`, "-f", "-a", second, "-d", quote(found?.summary ?? ""));
    }
  }
  for (const [name, help] of programOptions) {
    add("__trapline_at", "-f", "-l", name.slice(2), "-d", quote(help));
  }
  for (const { path, options, operands, endsAtOperand } of commands) {
    const condition = `__trapline_in ${path.join(" ")}`;
    const own = endsAtOperand ? `${condition}; and __trapline_before_operand` : condition;
    for (const option of options) add(own, ...optionWords(option));
    for (const { argument } of operands) {
      if (argument.kind === "words") add(condition, "-f", "-a", quote(argument.words.join(" ")));
    }
    if (!operands.some(({ argument }) => argument.kind === "file")) add(condition, "-f");
  }
  return `# Completions of trapline for fish: trapline completions fish | source

# Whether the words before the cursor are these and no others.
function __trapline_at
    set -l words (commandline -opc)
    test (count $words) -eq (math (count $argv) + 1); and __trapline_in $argv
end

# Whether the words before the cursor begin with these.
function __trapline_in
    set -l words (commandline -opc)
    test (count $words) -gt (count $argv); or return 1
    for n in (seq (count $argv))
        set -l at (math $n + 1)
        test "$words[$at]" = "$argv[$n]"; or return 1
    end
end

# Whether no operand stands before the cursor; a word after an option may be its value.
function __trapline_before_operand
    set -l previous
    for word in (commandline -opc)[3..-1]
        if not string match -q -- '-*' $word; and not string match -q -- '-*' "$previous"
            return 1
        end
        set previous $word
    end
end

complete -c trapline -e
${lines.join("\n")}
`;
}

function optionWords({ long, short, help, value, isBare }: OptionWord): string[] {
  const words = [...(short === undefined ? [] : ["-s", short]), "-l", long.slice(2)];
  if (value !== undefined) {
    // Fish asks for the value of an option that is required; one that may be left out is attached.
    words.push(...argumentWords(value.argument, isBare));
  } else words.push("-f");
  return [...words, "-d", quote(help)];
}

function argumentWords(argument: Argument, isBare: boolean): string[] {
  switch (argument.kind) {
    case "words":
      return [isBare ? "-f" : "-x", "-a", quote(argument.words.join(" "))];
    case "file":
      return ["-r", "-F"];
    case "directory":
      return ["-x", "-a", quote("(__fish_complete_directories)")];
    case "nothing":
      return ["-x"];
  }
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
