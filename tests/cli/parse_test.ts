/** The grammar of command lines, and that help pages and errors say what it is. */
import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert";
import { commands } from "../../lib/cli/commands.ts";
import { UsageError } from "../../lib/cli/environment.ts";
import { type Command, defineCommand, longName } from "../../lib/cli/grammar.ts";
import { commandHelp, programHelp } from "../../lib/cli/help.ts";
import { parseArguments, suggestion } from "../../lib/cli/parse.ts";

const command = defineCommand({
  name: "try",
  summary: "Try things.",
  operands: [{ name: "FILE", help: "a file" }, { name: "MORE", help: "more", isOptional: true }],
  options: {
    flag: { kind: "flag", short: "f", help: "a flag" },
    someValue: { kind: "value", short: "s", placeholder: "X", help: "a value" },
    item: { kind: "list", short: "i", placeholder: "X", help: "an item" },
    level: {
      kind: "choice",
      short: "O",
      placeholder: "LEVEL",
      choices: ["0", "1"],
      default: "1",
      bare: "1",
      help: "a level",
    },
    kind: {
      kind: "choice",
      placeholder: "KIND",
      choices: ["a", "b"],
      default: "a",
      help: "a kind",
    },
    count: { kind: "count", placeholder: "N", default: 3, help: "a number" },
  },
  run: () => Promise.resolve(0),
});
const defaults = {
  flag: false,
  someValue: undefined,
  item: [],
  level: "1",
  kind: "a",
  count: 3,
};

Deno.test("options have their values in every spelling", () => {
  const cases: [string[], Record<string, unknown>][] = [
    [[], {}],
    [["--flag"], { flag: true }],
    [["-f"], { flag: true }],
    [["--some-value", "v"], { someValue: "v" }],
    [["--some-value=v=w"], { someValue: "v=w" }],
    [["--some-value="], { someValue: "" }],
    [["-s", "v"], { someValue: "v" }],
    [["-sv"], { someValue: "v" }],
    [["-s", "-f"], { someValue: "-f" }],
    [["--item", "1", "-i2", "--item=3"], { item: ["1", "2", "3"] }],
    [["-O"], { level: "1" }],
    [["-O0"], { level: "0" }],
    [["-O", "0"], { level: "0" }],
    [["--level=0"], { level: "0" }],
    [["--kind", "b"], { kind: "b" }],
    [["--count", "12"], { count: 12 }],
  ];
  for (const [args, expected] of cases) {
    const parsed = parseArguments(command, [...args, "file"]);
    deepStrictEqual(parsed.options, { ...defaults, ...expected }, args.join(" "));
    deepStrictEqual(parsed.operands, ["file"], args.join(" "));
  }
});

Deno.test("operands stand anywhere, and after -- they may look like options", () => {
  deepStrictEqual(parseArguments(command, ["a", "-f", "b"]).operands, ["a", "b"]);
  deepStrictEqual(parseArguments(command, ["--", "-f", "--"]).operands, ["-f", "--"]);
  deepStrictEqual(parseArguments(command, ["-"]).operands, ["-"]);
  // The bare choice does not take an operand for its value.
  deepStrictEqual(parseArguments(command, ["-O", "file"]).operands, ["file"]);
});

Deno.test("what follows the first operand of run is left alone", () => {
  const run = commands.find(({ name }) => name === "run") as Command;
  const { operands, options } = parseArguments(run, ["-O0", "app.wasm", "-O", "--dir", "--", "x"]);
  deepStrictEqual(operands, ["app.wasm", "-O", "--dir", "--", "x"]);
  strictEqual(options["optimize"], "0");
});

Deno.test("what is wrong is said with its name", () => {
  const cases: [string[], RegExp][] = [
    [[], /^try needs FILE, a file \(see trapline try --help\)$/],
    [["a", "b", "c"], /^unexpected argument "c"/],
    [["--flog", "a"], /^unknown option "--flog"; did you mean "--flag"\?/],
    [["-x", "a"], /^unknown option "-x"/],
    [["--flag=1", "a"], /^option "--flag" takes no value/],
    [["a", "--some-value"], /^option "--some-value" needs a value/],
    [["--kind", "c", "a"], /^option "--kind" must be "a" or "b", not "c"/],
    [["-O7", "a"], /^option "-O" must be "0" or "1", not "7"/],
    [["--count", "0", "a"], /^option "--count" must be a positive number, not "0"/],
    [["--count", "1e3", "a"], /^option "--count" must be a positive number, not "1e3"/],
  ];
  for (const [args, message] of cases) {
    throws(() => parseArguments(command, args), (error) => {
      ok(error instanceof UsageError);
      match(error.message, message);
      return true;
    });
  }
});

Deno.test("suggestions are near", () => {
  strictEqual(suggestion("rn", ["run", "wast"]), '; did you mean "run"?');
  strictEqual(suggestion("frobnicate", ["run", "wast"]), "");
});

Deno.test("every command and option is on a help page of at most 80 columns", () => {
  for (
    const [page, names] of [
      [programHelp(commands), commands.map(({ name }) => name)],
      ...commands.map((each) =>
        [commandHelp(each), Object.keys(each.options).map(longName)] as const
      ),
    ] as const
  ) {
    for (const name of names) ok(page.includes(name), `"${name}" in ${page}`);
    for (const line of page.split("\n")) ok(line.length <= 80, line);
  }
});

Deno.test("short names are single and not taken twice", () => {
  for (const { name, options } of commands) {
    const letters = Object.values(options).flatMap(({ short }) => short ?? []);
    deepStrictEqual([...new Set(letters)], letters, name);
    for (const letter of letters) match(letter, /^[A-Za-z]$/);
  }
});
