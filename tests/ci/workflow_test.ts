/**
 * The workflow that posts what a pull request does to the emitted code: its scripts run here, in a
 * repository with a base and a change, with a `gh` that writes down what it is asked.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { withFiles } from "../cli/captured.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const path = `${root}/docs/ci/snapshot-review.yml`;

interface Step {
  readonly name: string;
  readonly script: string;
}

/** The scripts of a workflow, by the indentation that YAML gives them. */
function stepsOf(workflow: string): Step[] {
  const steps: Step[] = [];
  const lines = workflow.split("\n");
  let name = "";
  lines.forEach((line, n) => {
    name = /^ {6}- name: (.*)$/.exec(line)?.[1] ?? name;
    const run = /^ {8}run: (.*)$/.exec(line)?.[1];
    if (run === undefined) return;
    if (run !== "|") return void steps.push({ name, script: run });
    const block: string[] = [];
    for (let k = n + 1; /^(?: {10}|$)/.test(lines[k] ?? "x"); k++) block.push(lines[k]!.slice(10));
    steps.push({ name, script: block.join("\n") });
  });
  return steps;
}

async function works(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdout: "null" }).output())
      .success;
  } catch {
    return false;
  }
}
const hasTools = await works("git") && await works("bash");

const wat = (operator: string): string =>
  `(module (func (export "f") (param i32 i32) (result i32)
  (${operator} (local.get 0) (local.get 1))))`;

/** Writes down its arguments, and the body that it is given; lists a comment when there is one. */
const gh = `#!/bin/sh
echo "$*" >> "$GH_LOG"
case "$*" in
  *--paginate*) [ -e "$GH_STATE" ] && echo 77; exit 0;;
  *body=@*) cp review.md "$GH_STATE";;
esac
`;

Deno.test({
  name: "the workflow posts one table, updates it, and fails where a golden does not match",
  ignore: !hasTools,
  fn: () =>
    withFiles({
      "repo/cases/a.wat": wat("i32.add"),
      "repo/cases/b.wat": wat("i32.xor"),
      "bin/gh": gh,
      "log": "",
    }, async (folder) => {
      const repo = `${folder}/repo`;
      await Deno.chmod(`${folder}/bin/gh`, 0o755);
      const run = async (script: string, env: Record<string, string> = {}): Promise<number> => {
        // As GitHub runs them.
        const { code } = await new Deno.Command("bash", {
          args: ["--noprofile", "--norc", "-eo", "pipefail", "-c", script],
          cwd: repo,
          env: {
            PATH: `${folder}/bin:${Deno.env.get("PATH")}`,
            TRAPLINE: `${Deno.execPath()} run -A ${root}/cli.ts`,
            CASES: "cases",
            GITHUB_STEP_SUMMARY: `${folder}/summary.md`,
            GITHUB_REPOSITORY: "owner/repo",
            NUMBER: "12",
            GH_LOG: `${folder}/log`,
            GH_STATE: `${folder}/comment.md`,
            GIT_CONFIG_GLOBAL: "/dev/null",
            GIT_AUTHOR_NAME: "t",
            GIT_AUTHOR_EMAIL: "t@example.org",
            GIT_COMMITTER_NAME: "t",
            GIT_COMMITTER_EMAIL: "t@example.org",
            ...env,
          },
          stdout: "null",
          stderr: "null",
        }).output();
        return code;
      };
      const update = '$TRAPLINE snapshot update "$CASES" --accept';
      assert.equal(await run(`git init -q -b main && ${update}`), 0);
      assert.equal(await run("git add . && git commit -qm base && git checkout -qb change"), 0);
      await Deno.writeTextFile(`${repo}/cases/a.wat`, wat("i32.div_u"));
      assert.equal(await run(`${update} && git add . && git commit -qm change`), 0);

      const steps = stepsOf(await Deno.readTextFile(path));
      assert.deepEqual(steps.map(({ name }) => name), [
        ...["Summarise what changed", "Post the table", "Check the goldens"],
      ]);
      const [summarise, post, check] = steps as [Step, Step, Step];
      const { stdout } = await new Deno.Command("git", {
        args: ["-C", repo, "rev-parse", "main"],
      }).output();
      const base = { BASE: new TextDecoder().decode(stdout).trim() };

      assert.equal(await run(summarise.script, base), 0);
      const summary = await Deno.readTextFile(`${folder}/summary.md`);
      assert.match(
        summary,
        /^<!-- trapline snapshot review -->\n### Changes of the emitted code\n/,
      );
      const rows = summary.split("\n").filter((line) => line.startsWith("| `"));
      assert.equal(rows.length, 3);
      for (const row of rows) assert.match(row, /^\| `a` \| \w+ \| \d+ \| \d+ \| [+-]?\d* \|/);

      assert.equal(await run(post.script), 0);
      assert.equal(await Deno.readTextFile(`${folder}/comment.md`), summary);
      assert.equal(await run(post.script), 0);
      const log = (await Deno.readTextFile(`${folder}/log`)).trim().split("\n");
      assert.match(
        log[1] as string,
        /^api repos\/owner\/repo\/issues\/12\/comments -F body=@review/,
      );
      assert.match(
        log[3] as string,
        /^api --method PATCH repos\/owner\/repo\/issues\/comments\/77 /,
      );

      assert.equal(await run(check.script), 0);
      await Deno.writeTextFile(`${repo}/cases/b.wat`, wat("i32.or"));
      assert.equal(await run(check.script), 1);
    }),
});

Deno.test({
  name: "the workflow is one that actionlint accepts",
  ignore: !await works("actionlint"),
  fn: async () => {
    const { success, stdout } = await new Deno.Command("actionlint", { args: [path] }).output();
    assert(success, new TextDecoder().decode(stdout));
  },
});
