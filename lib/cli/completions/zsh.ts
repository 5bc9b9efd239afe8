/**
 * The completion script for zsh: a file `_trapline` in a folder of `fpath`, or
 * `source <(trapline completions zsh)`.
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
export function zshScript(commands: readonly CommandWords[]): string {
  const first = firstWords(commands);
  const families = first.filter(([word]) => secondWords(commands, word).length > 0);
  const describe = (pairs: readonly (readonly [string, string])[]): string =>
    pairs.map(([word, help]) => `    ${quote(`${word.replaceAll(":", "\\:")}:${help}`)}\n`).join(
      "",
    );
  return `#compdef trapline
# Completions of trapline for zsh: a file _trapline in a folder of fpath, or
# source <(trapline completions zsh)

_trapline() {
  local curcontext="$curcontext" command
  local -a commands
  commands=(
${describe([...first, ...programOptions])}  )
  if (( CURRENT == 2 )); then
    _describe -t commands 'command' commands
    return
  fi
  command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${
    families.map(([word]) =>
      `    ${word})
      if (( CURRENT == 2 )); then
        commands=(
${
        describe(
          commands.flatMap(({ path: [start, second], summary }) =>
            start === word && second !== undefined ? [[second, summary] as const] : []
          ),
        ).replace(/^/gm, "      ").trimEnd()
      }
        )
        _describe -t commands 'command' commands
        return
      fi
      command="$command $words[2]"
      shift words
      (( CURRENT-- ))
      ;;
`
    ).join("")
  }  esac
  case $command in
${commands.map(commandCase).join("")}  esac
}

if [ "$funcstack[1]" = "_trapline" ]; then
  _trapline "$@"
else
  compdef _trapline trapline
fi
`;
}

function commandCase({ path, options, operands, endsAtOperand }: CommandWords): string {
  const specs = [
    ...options.flatMap(optionSpecs),
    ...operands.map(({ name, argument, isMany }, n) =>
      `${isMany ? "*:" : `${n + 1}:`}${isMany && endsAtOperand ? ":" : ""}${escape(name)}:${
        action(isMany && endsAtOperand ? { kind: "file" } : argument)
      }`
    ),
  ];
  return `    ${quote(path.join(" "))})
      _arguments -s -S \\
${specs.map((spec) => `        ${quote(spec)}`).join(" \\\n")}
      ;;
`;
}

function optionSpecs({ long, short, help, value, isBare, isMany }: OptionWord): string[] {
  const names = short === undefined ? [long] : [long, `-${short}`];
  const others = isMany || short === undefined ? "" : `(${names.join(" ")})`;
  return names.map((name) => {
    const head = `${isMany ? "*" : others}${name}`;
    const separator = value === undefined ? "" : name === long ? "=" : "+";
    const text = `${head}${separator}[${escape(help).replace(/[\[\]]/g, "\\$&")}]`;
    if (value === undefined) return text;
    return `${text}:${isBare ? ":" : ""}${escape(value.placeholder)}:${action(value.argument)}`;
  });
}

function action(argument: Argument): string {
  switch (argument.kind) {
    case "words":
      return `(${argument.words.join(" ")})`;
    case "file":
      return "_files";
    case "directory":
      return "_files -/";
    case "nothing":
      return " ";
  }
}

/** A text in a specification, whose parts are set apart by colons. */
function escape(text: string): string {
  return text.replaceAll(":", "\\:");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
