/**
 * The program as `deno compile` makes it. Deno's runtime for such programs, `denort`, cannot be fetched
 * everywhere; the Deno binary takes its place here, so all is tested but that the result starts.
 */
import assert from "node:assert/strict";
import { buildBinary, copyProject, root } from "./build.ts";

Deno.test("a compiled program is the same in another folder, and has no file too many", async () => {
  const folder = await Deno.makeTempDir({ prefix: "trapline-compiled-" });
  try {
    const env = { DENORT_BIN: Deno.execPath() };
    const args = ["--no-unicorn", "-o", `${folder}/trapline`];
    const first = await buildBinary(root, args, env);
    assert.equal(first.status, 0, first.err);
    const bytes = await Deno.readFile(`${folder}/trapline`);

    await copyProject(`${folder}/another/place`);
    const second = await buildBinary(`${folder}/another/place`, args, env);
    assert.equal(second.status, 0, second.err);
    assert.equal(second.out, first.out, "another hash");

    // Nothing but the runtime and the files that are listed: no npm packages beside the bundle.
    const { size: runtime } = await Deno.stat(Deno.execPath());
    const listed = [...first.out.matchAll(/^(?!deno|all)\S.* ([\d,]+) +[\d,]+$/gm)]
      .reduce((sum, [, size = ""]) => sum + Number(size.replaceAll(",", "")), 0);
    assert.ok(listed > 20_000_000, first.out);
    assert.ok(bytes.length < runtime + listed + 6_000_000, first.out);

    const text = new TextDecoder("latin1").decode(bytes.subarray(runtime));
    for (const part of ["cli.js", "compile_worker.js", "wasm-tools.core.wasm", "LICENSES.txt"]) {
      assert.ok(text.includes(part), part);
    }
    assert.ok(!text.includes(root) && !text.includes(folder), "it contains a path of this machine");

    // Without Unicorn there is no GPL.
    assert.doesNotMatch(first.out, /unicorn/i);
    const licenses = await Deno.readTextFile(`${folder}/LICENSES.txt`);
    assert.match(licenses, /^This program does not contain Unicorn/m);
    assert.doesNotMatch(licenses, /TERMS AND CONDITIONS FOR COPYING, DISTRIBUTION/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a wrong command line of the build is said to be one", async () => {
  const cases = [
    [["--target", "vax"], 1, /^Cannot build for "vax": the platforms are /],
    [["--frob"], 2, /^unknown option "--frob" \(see deno task binary --help\)/],
    [
      ["--portable", "--target", "x86_64-pc-windows-msvc"],
      2,
      /for the platform of the Deno binary/,
    ],
  ] as const;
  for (const [args, status, message] of cases) {
    const built = await buildBinary(root, args);
    assert.equal(built.status, status);
    assert.match(built.err, message);
    assert.equal(built.out, "");
  }
});
