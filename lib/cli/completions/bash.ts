/**
 * The completion script for bash, from version 3.2 on, which macOS has. Load it with
 * `source <(trapline completions bash)`.
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
export function bashScript(commands: readonly CommandWords[]): string {
  const families = firstWords(commands).map(([word]) => word)
    .filter((word) => secondWords(commands, word).length > 0);
  const first = [...firstWords(commands).map(([word]) => word), ...programOptions.map(([o]) => o)];
  return `# Completions of trapline for bash: source <(trapline completions bash)

# The words of the command line without the "=" and ":" that bash takes for words of their own: the
# one to complete is the last.
_trapline_words() {
  words=()
  local word glue=
  for word in "\${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    case $word in
      =* | :*) if [ \${#words[@]} -gt 0 ]; then words[\${#words[@]}-1]+=$word; fi; glue=1 ;;
      *) if [ -n "$glue" ]; then words[\${#words[@]}-1]+=$word; else words+=("$word"); fi; glue= ;;
    esac
  done
}

_trapline_among() { COMPREPLY=($(compgen -W "$1" -- "$current")); }
_trapline_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$current"))
}
_trapline_folders() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -d -- "$current"))
}

# Completes the value of option $2 of command $1; fails when it has none.
_trapline_value() {
  case "$1 $2" in
${commands.map(valueCases).join("")}    *) return 1 ;;
  esac
}

_trapline() {
  COMPREPLY=()
  local words current command at operands option
  _trapline_words
  current=\${words[\${#words[@]}-1]}
  if [ \${#words[@]} -le 2 ]; then
    _trapline_among "${first.join(" ")}"
    return
  fi
  command=\${words[1]} at=2
  case $command in
${
    families.map((word) =>
      `    ${word})
      if [ \${#words[@]} -eq 3 ]; then
        _trapline_among "${secondWords(commands, word).join(" ")}"
        return
      fi
      command="$command \${words[2]}" at=3
      ;;
`
    ).join("")
  }  esac
  # Options with their values, and how many operands stand before the word to complete.
  operands=0 option=
  for ((; at < \${#words[@]} - 1; at++)); do
    if [ -n "$option" ]; then
      option=
      continue
    fi
    case \${words[at]} in
      --*=*) ;;
      -?*) if (current=; _trapline_value "$command" "\${words[at]}"); then option=\${words[at]}; fi ;;
      *) operands=$((operands + 1)) ;;
    esac
  done
  if [ -n "$option" ]; then
    _trapline_value "$command" "$option"
    return
  fi
  case $current in
    --*=*)
      option=\${current%%=*} current=\${current#*=}
      _trapline_value "$command" "$option"
      return
      ;;
  esac
  case $command in
${commands.map(commandCase).join("")}  esac
}

complete -F _trapline trapline
`;
}

/** The cases of a command's options that have a value. */
function valueCases({ path, options }: CommandWords): string {
  return options.filter(({ value, isBare }) => value !== undefined && !isBare).map((option) => {
    const names = namesOf(option).map((name) => `"${path.join(" ")} ${name}"`).join(" | ");
    return `    ${names}) ${action(option.value!.argument)} ;;\n`;
  }).join("");
}

function commandCase({ path, options, operands, endsAtOperand }: CommandWords): string {
  const words = options.flatMap(namesOf).join(" ");
  const isOption = endsAtOperand
    ? `[ $operands -eq 0 ] && [[ $current == -* ]]`
    : `[[ $current == -* ]]`;
  const last = operands.at(-1);
  const cases = operands.map(({ argument }, n) => `        ${n}) ${action(argument)} ;;\n`);
  if (last?.isMany) {
    const more = endsAtOperand ? { kind: "file" } as const : last.argument;
    cases[cases.length - 1] = `        *) ${action(more)} ;;\n`;
  }
  const complete = cases.length === 0 ? "" : `      else
        case $operands in
${cases.map((line) => `  ${line}`).join("")}        esac
`;
  return `    "${path.join(" ")}")
      if ${isOption}; then
        _trapline_among "${words}"
${complete}      fi
      ;;
`;
}

function namesOf({ long, short }: OptionWord): string[] {
  return short === undefined ? [long] : [long, `-${short}`];
}

function action(argument: Argument): string {
  switch (argument.kind) {
    case "words":
      return `_trapline_among "${argument.words.join(" ")}"`;
    case "file":
      return "_trapline_files";
    case "directory":
      return "_trapline_folders";
    case "nothing":
      return ":";
  }
}
