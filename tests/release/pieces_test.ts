/** The pieces that the build of standalone programs is made of. */
import assert from "node:assert/strict";
import { dropCustomSections } from "../../release/custom_sections.ts";
import { renameChunks } from "../../release/chunk_names.ts";
import { platformOf, platforms } from "../../release/platforms.ts";
import { listImports } from "../../release/sources.ts";
import { sizeTable } from "../../release/size_table.ts";
import { tarPieces } from "../../release/tar.ts";
import { wheelFor } from "../../lib/executor/unicorn/wheels.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import { works } from "./build.ts";

Deno.test("late imports and workers are written as a bundler understands them", () => {
  const workers = new Map<string, string>();
  const text = `
/** Like \`import(unlisted("./x.ts"))\`. */
const { a } = await import(
  unlisted("./a.ts")
) as typeof import("./a.ts");
const b = await import(unlisted("../b.ts"));
const url = new URL("./threads/worker.ts", import.meta.url);
`;
  const listed = listImports("lib/x/y.ts", text, workers);
  assert.match(listed, /await import\("\.\/a\.ts"\) as typeof import\("\.\/a\.ts"\)/);
  assert.match(listed, /await import\("\.\.\/b\.ts"\);/);
  assert.match(listed, /new URL\("\.\/worker\.js", import\.meta\.url\)/);
  assert.deepEqual([...workers], [["worker", "lib/x/threads/worker.ts"]]);
  assert.throws(
    () => listImports("other.ts", `new URL("./worker.ts", import.meta.url)`, workers),
    /two workers are called "worker"/,
  );
  assert.throws(
    () => listImports("odd.ts", `const path = unlisted("./z.ts");`, new Map()),
    /^Error: Cannot bundle "odd\.ts": it does not import what it calls unlisted/,
  );
});

Deno.test("names of a bundle's files do not depend on the bundler's", () => {
  const bundle = (a: string, b: string): Map<string, string> =>
    new Map([
      ["main.js", `import"./chunk-${a}.js";import("./show-${b}.js");new URL("./chunk-X.js",1)`],
      [`chunk-${a}.js`, `import("./show-${b}.js")`],
      [`show-${b}.js`, `import{x}from"./chunk-${a}.js";`],
    ]);
  const renamed = renameChunks(bundle("AAAAAAAA", "ZZZZZZZZ"), ["main.js"]);
  assert.deepEqual(renamed, renameChunks(bundle("ZZZZ2222", "AAAA1111"), ["main.js"]));
  assert.deepEqual([...renamed], [
    // Deno reads what is imported late before it starts when it sees its name in an import.
    ["main.js", `import"./chunk_1.js";import(String("./show.js"));new URL("./chunk-X.js",1)`],
    ["chunk_1.js", `import(String("./show.js"))`],
    ["show.js", `import{x}from"./chunk_1.js";`],
  ]);
  const lost = new Map([["main.js", ""], ["chunk-AAAAAAAA.js", ""]]);
  assert.throws(() => renameChunks(lost, ["main.js"]), /nothing refers to chunk-AAAAAAAA\.js/);
});

Deno.test("a module without its custom sections is the same module", async () => {
  const plain = await parseText(`(module (func (export "f") (result i32) i32.const 7))`, "x");
  const header = plain.subarray(0, 8), rest = plain.subarray(8);
  // A custom section of 200 bytes, whose size takes two bytes.
  const custom = Uint8Array.of(0, 0xc8, 0x01, 1, 0x61, ...new Uint8Array(198));
  const parts = [header, custom, rest, custom];
  const module = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (module.set(part, at), at + part.length), 0);
  assert.ok(WebAssembly.validate(module));
  assert.deepEqual(dropCustomSections(module), dropCustomSections(plain));
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(dropCustomSections(module)))
    .exports as { f: () => number };
  assert.equal(f(), 7);
  assert.throws(() => dropCustomSections(module.subarray(0, 100)), /cut off/);
});

const hasTar = works("tar", "--version");
Deno.test({
  name: `tar reads the archives${hasTar ? "" : " (skipped: there is no tar)"}`,
  ignore: !hasTar,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const files = [
        { path: "run", bytes: new Uint8Array(512).fill(65), isExecutable: true },
        { path: "a/b/text", bytes: new TextEncoder().encode("text"), isExecutable: false },
        { path: "a/empty", bytes: new Uint8Array(), isExecutable: false },
      ];
      const archive = new Blob([...tarPieces(files, 1_000_000_000)]);
      await Deno.writeFile(`${folder}/x.tar`, archive.stream());
      assert.ok(works("tar", "-xf", `${folder}/x.tar`, "-C", folder));
      for (const { path, bytes, isExecutable } of files) {
        assert.deepEqual(await Deno.readFile(`${folder}/${path}`), bytes);
        const { mode, mtime } = await Deno.stat(`${folder}/${path}`);
        assert.equal(mtime?.getTime(), 1_000_000_000_000);
        assert.equal(((mode ?? 0) & 0o100) !== 0, isExecutable);
      }
      const tooLong = [{ path: "x".repeat(101), bytes: new Uint8Array(), isExecutable: false }];
      assert.throws(() => [...tarPieces(tooLong, 0)], /its name is too long/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("every platform has a library, which is known by its hash", () => {
  for (const platform of platforms) {
    assert.equal(platformOf(platform.triple), platform);
    const wheel = wheelFor(platform.os, platform.arch);
    assert.match(wheel?.memberSha256 ?? "", /^[0-9a-f]{64}$/, platform.triple);
  }
  assert.throws(() => platformOf("riscv64gc-unknown-linux-gnu"), /the platforms are x86_64-/);
});

Deno.test("small files are one row of the table of sizes", () => {
  const table = sizeTable([
    { name: "program/wasm_opt.js", bytes: 1_000_000, packedBytes: 400_000 },
    { name: "deno", bytes: 2_000_000, packedBytes: 500_000 },
    { name: "program/a.js", bytes: 10, packedBytes: 5 },
    { name: "program/b.js", bytes: 20, packedBytes: 6 },
  ], 900_011);
  assert.equal(
    table,
    [
      "                              bytes  in the file",
      "deno (the runtime)        2,000,000      500,000",
      "wasm_opt.js (Binaryen)    1,000,000      400,000",
      "2 others                         30           11",
      "all                       3,000,030      900,011",
      "",
    ].join("\n"),
  );
});
