/** The script that installs a release, with a `curl` and a `uname` of the test's, and the workflow. */
import assert from "node:assert/strict";
import { sha256Hex } from "../../lib/base/sha256.ts";
import { platforms } from "../../release/platforms.ts";
import { root, works } from "./build.ts";

const hasTools = works("sh", "-c", "command -v mktemp sed sha256sum || command -v shasum");

/** Answers with files of a folder, and writes down what it was asked for. */
const curl = `#!/bin/sh
echo "$4" >> "$SERVED/../asked"
cat "$SERVED/\${4##*/}" > "$3" 2>/dev/null
`;
const uname = `#!/bin/sh
case $1 in -s) echo "$SYSTEM" ;; -m) echo "$MACHINE" ;; esac
`;

interface Installed {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** What is in the folder afterwards. */
  readonly files: readonly string[];
  readonly program: string | undefined;
  readonly asked: string;
}

async function install(
  served: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Installed> {
  const folder = await Deno.makeTempDir({ prefix: "trapline-install-" });
  try {
    await Deno.mkdir(`${folder}/served`);
    await Deno.mkdir(`${folder}/bin`);
    for (const [name, text] of Object.entries(served)) {
      await Deno.writeTextFile(`${folder}/served/${name}`, text);
    }
    await Deno.writeTextFile(`${folder}/bin/curl`, curl, { mode: 0o755 });
    await Deno.writeTextFile(`${folder}/bin/uname`, uname, { mode: 0o755 });
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: [`${root}/release/install.sh`, ...args],
      env: {
        PATH: `${folder}/bin:${Deno.env.get("PATH")}`,
        SERVED: `${folder}/served`,
        TRAPLINE_INSTALL: `${folder}/target`,
        SYSTEM: "Linux",
        MACHINE: "x86_64",
        ...env,
      },
    }).output();
    const read = (path: string): Promise<string | undefined> =>
      Deno.readTextFile(`${folder}/${path}`).catch(() => undefined);
    const files = await Array.fromAsync(Deno.readDir(`${folder}/target`)).catch(() => []);
    const decoder = new TextDecoder();
    return {
      status: code,
      out: decoder.decode(stdout),
      err: decoder.decode(stderr),
      files: files.map(({ name }) => name),
      program: await read("target/trapline"),
      asked: await read("asked") ?? "",
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function release(...names: readonly string[]): Promise<Record<string, string>> {
  const files = Object.fromEntries(names.map((name) => [name, `the program ${name}\n`]));
  const lines = await Promise.all(
    Object.entries(files).map(async ([name, text]) =>
      `${await sha256Hex(new TextEncoder().encode(text))}  ${name}\n`
    ),
  );
  return { ...files, SHA256SUMS: lines.join("") };
}

const linux = "trapline-x86_64-unknown-linux-gnu", mac = "trapline-aarch64-apple-darwin";

Deno.test({
  name: `the script installs the program for the machine${hasTools ? "" : " (skipped: no shell)"}`,
  ignore: !hasTools,
  fn: async () => {
    const served = await release(linux, mac, `${linux}-no-unicorn`);
    const first = await install(served);
    assert.deepEqual([first.status, first.err], [0, ""], first.out);
    assert.equal(first.program, `the program ${linux}\n`);
    assert.deepEqual(first.files, ["trapline"]);
    assert.match(first.out, /^installed .*\/target\/trapline\n.* is not on the PATH/);
    assert.match(
      first.asked,
      /^https:\/\/github\.com\/.*\/releases\/latest\/download\/SHA256SUMS$/m,
    );

    const apple = await install(served, ["v1.2.3"], { SYSTEM: "Darwin", MACHINE: "arm64" });
    assert.equal(apple.program, `the program ${mac}\n`);
    assert.match(apple.asked, new RegExp(`/releases/download/v1\\.2\\.3/${mac}$`, "m"));

    const without = await install(served, ["--no-unicorn"]);
    assert.equal(without.program, `the program ${linux}-no-unicorn\n`);
  },
});

Deno.test({
  name: `the script installs nothing that is not as it should be`,
  ignore: !hasTools,
  fn: async () => {
    const served = await release(linux);
    const cases = [
      [{ ...served, [linux]: "another program" }, {}, /the SHA-256 of .* but should be/],
      [{ SHA256SUMS: served["SHA256SUMS"] ?? "" }, {}, /cannot download .*linux-gnu/],
      [{}, {}, /cannot download .*SHA256SUMS/],
      [served, { MACHINE: "aarch64" }, /the release has no "trapline-aarch64-unknown-linux-gnu"/],
      [served, { SYSTEM: "FreeBSD" }, /there is no build for FreeBSD/],
      [served, { MACHINE: "riscv64" }, /there is no build for riscv64/],
    ] as const;
    for (const [files, env, message] of cases) {
      const { status, err, files: left } = await install(files, [], env);
      assert.equal(status, 1, String(message));
      assert.match(err, /^install: /m);
      assert.match(err, message);
      assert.deepEqual(left, []);
    }
    assert.match((await install(served, ["--help-me"])).err, /unknown option "--help-me"/);
  },
});

Deno.test("the workflow builds for every platform, under the names that the script asks for", async () => {
  const workflow = await Deno.readTextFile(`${root}/.github/workflows/release.yml`);
  const built = [...workflow.matchAll(/\{ triple: ([\w-]+),/g)].map(([, triple]) => triple);
  assert.deepEqual(built.toSorted(), platforms.map(({ triple }) => triple).toSorted());
  const script = await Deno.readTextFile(`${root}/release/install.sh`);
  assert.match(workflow, /trapline-\$TRIPLE-no-unicorn\$SUFFIX/);
  assert.match(script, /^name=trapline-\$machine-\$system\$suffix$/m);
  // What the workflow replaces by the repository's name.
  const [, pattern = ""] = /sed "s\|(.*?)\|/.exec(workflow) ?? [];
  assert.equal(script.split(pattern).length, 2, pattern);
  assert.match(workflow, /sha256sum \* > .*SHA256SUMS/);
});

const hasBash = works("bash", "--version");
Deno.test({
  name: `the scripts of the workflow are scripts${hasBash ? "" : " (skipped: no bash)"}`,
  ignore: !hasBash,
  fn: async () => {
    const workflow = await Deno.readTextFile(`${root}/.github/workflows/release.yml`);
    const blocks = [...workflow.matchAll(/^ {8}run: \|\n((?: {10}.*\n|\n)+)/gm)];
    assert.equal(blocks.length, 5);
    for (const [, block = ""] of blocks) {
      const script = block.replace(/^ {10}/gm, "");
      const { success, stderr } = await new Deno.Command("bash", { args: ["-n", "-c", script] })
        .output();
      assert.ok(success, `${script}\n${new TextDecoder().decode(stderr)}`);
    }
  },
});
