/** How a compiled program puts its library where the system's loader finds it. */
import assert from "node:assert/strict";
import { sha256Hex } from "../../lib/base/sha256.ts";
import { placeEmbedded } from "../../lib/executor/unicorn/embedded.ts";

const bytes = crypto.getRandomValues(new Uint8Array(60_000));
const sha256 = await sha256Hex(bytes);

/** Runs with a library as a program carries it, and a folder for what is placed. */
async function withLibrary(
  use: (source: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "trapline-embedded-" });
  try {
    await Deno.writeFile(`${folder}/carried`, bytes);
    await use(`${folder}/carried`, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the library is placed once, under its hash, and found again without being read", () =>
  withLibrary(async (source, folder) => {
    const options = { sha256, directories: [`${folder}/cache`] };
    const path = await placeEmbedded(source, "lib", options) ?? assert.fail("it was not placed");
    assert.equal(path, `${folder}/cache/unicorn-${sha256.slice(0, 16)}/lib`);
    assert.deepEqual(await Deno.readFile(path), bytes);
    const { ino } = await Deno.stat(path);
    // Were it read again, it would be found damaged.
    await Deno.writeFile(source, new Uint8Array(bytes.length));
    assert.equal(await placeEmbedded(source, "lib", options), path);
    assert.equal((await Deno.stat(path)).ino, ino);
  }));

Deno.test("a placed library that was changed is replaced", () =>
  withLibrary(async (source, folder) => {
    const options = { sha256, directories: [`${folder}/cache`] };
    const path = await placeEmbedded(source, "lib", options) ?? assert.fail("it was not placed");
    const changes = [
      () => Deno.writeFile(path, bytes.toReversed()),
      () => Deno.truncate(path, 100),
      () => Deno.remove(path),
    ];
    for (const change of changes) {
      await change();
      assert.equal(await placeEmbedded(source, "lib", options), path);
      assert.deepEqual(await Deno.readFile(path), bytes);
    }
  }));

Deno.test("processes that place it at once leave one whole library", () =>
  withLibrary(async (source, folder) => {
    const options = { sha256, directories: [`${folder}/cache`] };
    const paths = await Promise.all(
      Array.from({ length: 8 }, () => placeEmbedded(source, "lib", options)),
    );
    assert.equal(new Set(paths).size, 1);
    const [path = ""] = paths as string[];
    assert.deepEqual(await Deno.readFile(path), bytes);
    const names = [...Deno.readDirSync(path.slice(0, path.lastIndexOf("/")))];
    assert.deepEqual(names.map(({ name }) => name), ["lib"]);
  }));

Deno.test("where a directory takes no files the next one does", () =>
  withLibrary(async (source, folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const directories = [`${folder}/file/cache`, `${folder}/temporary`];
    const path = await placeEmbedded(source, "lib", { sha256, directories });
    assert.ok(path?.startsWith(`${folder}/temporary/`), path);
    const none = await placeEmbedded(source, "lib", { sha256, directories: [`${folder}/file/x`] });
    assert.equal(none, undefined);
  }));

Deno.test({
  name: "a directory of another user is passed over (as root, who can make one)",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  fn: () =>
    withLibrary(async (source, folder) => {
      const directories = [`${folder}/theirs`, `${folder}/own`];
      await Deno.mkdir(`${folder}/theirs`);
      await Deno.chown(`${folder}/theirs`, 1, 1);
      const path = await placeEmbedded(source, "lib", { sha256, directories });
      assert.ok(path?.startsWith(`${folder}/own/`), path);
    }),
});

Deno.test("a library with another hash is never placed, and without one nothing is", () =>
  withLibrary(async (source, folder) => {
    const directories = [`${folder}/cache`];
    await assert.rejects(
      placeEmbedded(source, "lib", { sha256: "0".repeat(64), directories }),
      /SHA-256 is .* but should be 0000/,
    );
    await assert.rejects(Deno.stat(`${folder}/cache`));
    assert.equal(await placeEmbedded(`${folder}/none`, "lib", { sha256, directories }), undefined);
  }));
