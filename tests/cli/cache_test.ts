/** The cache of compiled code: used, trusted only after a check, shared, limited, and never in the way. */
import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from "node:assert";
import { CodeCache } from "../../lib/cache/code_cache.ts";
import { compilerIdentity } from "../../lib/cache/compiler_identity.ts";
import { trapline, withFiles } from "./captured.ts";

const wat = `(module (func (export "answer") (result i32) (i32.const 42)))`;

/** Runs `use` with an own cache directory. */
async function withCache(
  use: (folder: string, entries: () => string[]) => Promise<void>,
): Promise<void> {
  await withFiles({ "m.wat": wat }, async (folder) => {
    const before = Deno.env.get("TRAPLINE_CACHE");
    const directory = `${folder}/cache`;
    Deno.env.set("TRAPLINE_CACHE", directory);
    try {
      await use(folder, () => {
        try {
          return [...Deno.readDirSync(directory)].map(({ name }) => `${directory}/${name}`).sort();
        } catch {
          return [];
        }
      });
    } finally {
      if (before === undefined) Deno.env.delete("TRAPLINE_CACHE");
      else Deno.env.set("TRAPLINE_CACHE", before);
    }
  });
}

const answer = { status: 0, out: "42\n", err: "" };

Deno.test("run keeps code per module, target and level, and uses it", () =>
  withCache(async (folder, entries) => {
    const run = (...options: string[]) =>
      trapline("run", ...options, "--invoke", "answer", `${folder}/m.wat`);
    deepStrictEqual(await run("--no-cache"), answer);
    strictEqual(entries().length, 0);
    deepStrictEqual(await run(), answer);
    strictEqual(entries().length, 1);
    const [entry] = entries() as [string];
    const written = (await Deno.stat(entry)).mtime;
    deepStrictEqual(await run(), answer);
    deepStrictEqual((await Deno.stat(entry)).mtime, written);
    const variants = [["-O0"], ["--target", "riscv64"], ["--target", "aarch64", "-O0"]];
    for (const [n, options] of variants.entries()) {
      deepStrictEqual(await run(...options), answer);
      strictEqual(entries().length, 2 + n);
    }
    match((await trapline("cache")).out, /: 4 modules, 0\.0 MB of at most 256\.0 MB\n$/);
    match((await trapline("cache", "--clear")).out, /: 0 modules/);
    strictEqual(entries().length, 0);
  }));

Deno.test("an entry that is damaged, foreign or for something else is compiled anew", () =>
  withCache(async (folder, entries) => {
    const run = (...options: string[]) =>
      trapline("run", ...options, "--invoke", "answer", `${folder}/m.wat`);
    deepStrictEqual(await run(), answer);
    const [entry] = entries() as [string];
    const good = await Deno.readFile(entry);
    await Deno.writeTextFile(
      `${folder}/other.wat`,
      `(module (func (export "answer") (result i32) (i32.const 41)))`,
    );
    await trapline("run", "--invoke", "answer", `${folder}/other.wat`);
    const other = await Deno.readFile(entries().find((path) => path !== entry) as string);
    await run("-O0");
    const bad = [
      new Uint8Array(0),
      good.slice(0, good.length >> 1),
      Uint8Array.from(good, (byte, n) => n === good.length - 200 ? byte ^ 1 : byte),
      new TextEncoder().encode("not an ELF file"),
      // Whole and valid, but the code of another module.
      other,
    ];
    for (const bytes of bad) {
      await Deno.writeFile(entry, bytes);
      deepStrictEqual(await run(), answer);
      deepStrictEqual(await Deno.readFile(entry), good);
    }
  }));

Deno.test("a cache that cannot be written is as if it were not there", () =>
  withCache(async (folder) => {
    await Deno.writeTextFile(`${folder}/cache`, "a file where the directory should be");
    deepStrictEqual(await trapline("run", "--invoke", "answer", `${folder}/m.wat`), answer);
  }));

Deno.test("the oldest entries go when the limit is reached", () =>
  withCache(async (folder) => {
    const cache = new CodeCache(`${folder}/limited`, 1000);
    const key = (n: number) => CodeCache.keyOf([`${n}`]);
    for (let n = 0; n < 4; n++) {
      await cache.write(await key(n), new Uint8Array(250));
      const old = Date.now() / 1000 - 10_000 + n;
      await Deno.utime(`${folder}/limited/${await key(n)}.cwasm`, old, old);
    }
    deepStrictEqual(await cache.contents(), { entries: 4, bytes: 1000 });
    // Using the oldest makes it young.
    ok(cache.read(await key(0)));
    await cache.write(await key(4), new Uint8Array(250));
    const left = [];
    for (let n = 0; n < 5; n++) if (cache.read(await key(n)) !== undefined) left.push(n);
    deepStrictEqual(left, [0, 3, 4]);
    await cache.write(await key(5), new Uint8Array(1001));
    strictEqual(cache.read(await key(5)), undefined);
  }));

Deno.test("processes that write one entry at once leave a whole one", () =>
  withCache(async (folder) => {
    const cache = new CodeCache(`${folder}/shared`);
    const versions = Array.from({ length: 16 }, (_, n) => new Uint8Array(100_000).fill(n));
    await Promise.all(versions.map((bytes) => cache.write("key", bytes)));
    const bytes = cache.read("key") as Uint8Array;
    strictEqual(bytes.length, 100_000);
    ok(bytes.every((byte) => byte === bytes[0]));
    deepStrictEqual(await cache.contents(), { entries: 1, bytes: 100_000 });
  }));

Deno.test("another compiler has other keys", async () => {
  const identity = compilerIdentity("x64");
  notStrictEqual(identity, compilerIdentity("riscv64"));
  ok(identity.includes("allocator.ts"), "a checkout is identified by its sources");
  const one = await CodeCache.keyOf(["a", "bc"]), two = await CodeCache.keyOf(["ab", "c"]);
  notStrictEqual(one, two);
});
