/** Completion scripts, loaded by the shells that they are for. */
import assert from "node:assert/strict";
import { commands } from "../../lib/cli/commands.ts";
import { longName } from "../../lib/cli/grammar.ts";
import { trapline, withFiles } from "./captured.ts";

/** What each beginning of a command line may be continued with; `files` stands for the folder's. */
const lines: readonly (readonly [line: string, words: readonly string[]])[] = [
  ["trapline sn", ["snapshot"]],
  ["trapline snapshot ", ["check", "update", "review", "diff"]],
  ["trapline snapshot check --tar", ["--target"]],
  ["trapline snapshot check --target ", ["x64", "aarch64", "riscv64", "all"]],
  ["trapline compile --target ", ["x64", "aarch64", "riscv64"]],
  ["trapline inspect --stage al", ["all", "alloc"]],
  ["trapline run --dir mo", ["modules"]],
  ["trapline run mo", ["modules", "module.wat"]],
  ["trapline run --dir . --chec", ["--check"]],
  ["trapline compile module.wat -o mod", ["modules", "module.wat"]],
  // What stands after the program belongs to it.
  ["trapline run module.wat --chec", []],
  ["trapline completions ", ["bash", "zsh", "fish"]],
];

async function installed(shell: string): Promise<boolean> {
  try {
    return (await new Deno.Command(shell, { args: ["--version"], stdout: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

/** Runs a script of a shell in a folder with a few files, where `completions` is the shell's. */
async function runIn(
  shell: string,
  args: readonly string[],
  script: string,
): Promise<string> {
  const { status, out, err } = await trapline("completions", shell);
  assert.deepEqual([status, err], [0, ""]);
  const files = { completions: out, script, "module.wat": "", "modules/x": "", other: "" };
  let text = "";
  await withFiles(files, async (folder) => {
    const { stdout, stderr } = await new Deno.Command(shell, {
      args: [...args, "script"],
      cwd: folder,
      stdin: "null",
      // A terminal that does not answer is waited for in vain.
      signal: AbortSignal.timeout(60_000),
    }).output();
    const decoder = new TextDecoder();
    assert.equal(decoder.decode(stderr), "");
    text = decoder.decode(stdout);
  });
  return text;
}

/** Compares what a shell offers, a line for each beginning, words without what marks folders. */
function check(out: string): void {
  const offered = out.trimEnd().split("\n").map((line) =>
    line.split(" ").filter((word) => word !== "").map((word) => word.replace(/\/$/, "")).sort()
  );
  const expected = lines.map(([, words]) => words.toSorted());
  lines.forEach(([line], n) => assert.deepEqual(offered[n], expected[n], line));
}

const hasBash = await installed("bash");
Deno.test({
  name: `bash completes command lines${hasBash ? "" : " (skipped: bash is not installed)"}`,
  ignore: !hasBash,
  fn: async () => {
    const tries = lines.map(([line]) =>
      `try ${line.replace(/ $/, ' ""')}; echo "\${COMPREPLY[*]}"\n`
    ).join("");
    check(
      await runIn(
        "bash",
        ["--norc"],
        `source ./completions
try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _trapline; }
[[ $(complete -p trapline) == *_trapline* ]] || echo "nothing is registered"
${tries}`,
      ),
    );
  },
});

Deno.test({
  name: `bash completes values behind an equals sign${hasBash ? "" : " (skipped: no bash)"}`,
  ignore: !hasBash,
  fn: async () => {
    const out = await runIn(
      "bash",
      ["--norc"],
      // As bash splits them.
      `source ./completions
COMP_WORDS=(trapline snapshot check --target = ri) COMP_CWORD=5; _trapline; echo "\${COMPREPLY[*]}"
COMP_WORDS=(trapline snapshot check --target =) COMP_CWORD=4; _trapline; echo "\${#COMPREPLY[@]}"
COMP_WORDS=(trapline run --map-path a = b --che) COMP_CWORD=6; _trapline; echo "\${COMPREPLY[*]}"
`,
    );
    assert.equal(out, "riscv64\n4\n--check\n");
  },
});

const hasFish = await installed("fish");
Deno.test({
  name: `fish completes command lines${hasFish ? "" : " (skipped: fish is not installed)"}`,
  ignore: !hasFish,
  fn: async () => {
    // A tab and a description follow each word. The last answer to files are all kinds of matches.
    const tries = lines.map(([line]) =>
      `echo (complete -C '${line}' | string replace -r '\\t.*' '')\n`
    ).join("");
    check(await runIn("fish", ["--no-config"], `source ./completions\n${tries}`));
  },
});

const hasZsh = await installed("zsh");
Deno.test({
  name: `zsh completes command lines${hasZsh ? "" : " (skipped: zsh is not installed)"}`,
  ignore: !hasZsh,
  fn: async () => {
    // A shell in a terminal of its own, in which what is offered is written down.
    const out = await runIn(
      "zsh",
      ["-f"],
      `cat > setup <<'END'
PROMPT= PS2=
autoload -U compinit
compinit -u -D
source ./completions
compadd() {
  if [[ \${@[1,(i)(-|--)]} != *-(O|A|D)\\ * ]]; then
    local -a offered
    builtin compadd -A offered "$@"
    print -rl -- $offered >> $PWD/offered
  fi
  builtin compadd "$@"
}
zle-line-init() { print -rn -- '<editing>'; }
zle -N zle-line-init
END
zmodload zsh/zpty
zpty terminal zsh -f -i
zpty -w terminal 'source ./setup'
zpty -r -m terminal output '*<editing>*'
try() {
  : > offered
  zpty -w -n terminal "$1"$'\\t'
  zpty -w -n terminal $'\\x15'
  zpty -w terminal 'echo do""ne'
  zpty -r -m terminal output '*done*<editing>*'
  print -r -- \${(u)=\${(f)"$(<offered)"}}
}
${lines.map(([line]) => `try '${line}'\n`).join("")}`,
    );
    check(out);
  },
});

Deno.test("every command and option is in every script", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { out } = await trapline("completions", shell);
    for (const { name, options } of commands) {
      assert.ok(out.includes(name), `${shell}: ${name}`);
      for (const key of Object.keys(options)) {
        const option = longName(key).slice(shell === "fish" ? 2 : 0);
        assert.ok(out.includes(option), `${shell}: ${name} ${option}`);
      }
    }
  }
});

Deno.test("there are completions for three shells", async () => {
  const { status, err } = await trapline("completions", "tcsh");
  assert.equal(status, 2);
  assert.match(err, /SHELL must be "bash" or "zsh" or "fish", not "tcsh"/);
});
