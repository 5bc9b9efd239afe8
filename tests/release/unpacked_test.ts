/** What `trapline cache` says of programs that were unpacked into the cache, and deletes. */
import assert from "node:assert/strict";
import { cacheDirectory } from "../../lib/host/cache_directory.ts";
import { trapline, withFiles } from "../cli/captured.ts";

/** Runs with a user's cache of the test's own. */
async function withCache(use: (directory: string) => Promise<void>): Promise<void> {
  const variables = ["HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"];
  const before = [...variables, "TRAPLINE_CACHE"].map((name) =>
    [name, Deno.env.get(name)] as const
  );
  await withFiles({}, async (folder) => {
    for (const name of variables) Deno.env.set(name, folder);
    Deno.env.delete("TRAPLINE_CACHE");
    try {
      await use(cacheDirectory() ?? assert.fail("there is no cache"));
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
    }
  });
}

Deno.test("other standalone programs are listed, and deleted with the cache", () =>
  withCache(async (directory) => {
    const make = async (name: string): Promise<string> => {
      await Deno.mkdir(`${directory}/${name}/program`, { recursive: true });
      await Deno.writeFile(`${directory}/${name}/deno`, new Uint8Array(2 ** 20));
      await Deno.writeFile(`${directory}/${name}/program/cli.js`, new Uint8Array(2 ** 20));
      return `${directory}/${name}`;
    };
    const old = await make("standalone-0123");
    const killed = await make(".unpacking-0123.45");
    await Deno.utime(killed, 1, 1);
    const underWay = await make(".unpacking-4567.89");
    const unicorn = await make("unicorn-2.1.4");

    const listed = await trapline("cache");
    assert.equal(listed.status, 0, listed.err);
    assert.ok(listed.out.includes(`${old}: another standalone program, 2.0 MB\n`), listed.out);
    assert.ok(listed.out.includes(`${killed}: `), listed.out);
    assert.ok(!listed.out.includes(underWay) && !listed.out.includes(unicorn), listed.out);

    // A cache of another place has nothing to do with it.
    Deno.env.set("TRAPLINE_CACHE", `${directory}/other`);
    assert.doesNotMatch((await trapline("cache", "--clear")).out, /standalone/);
    Deno.env.delete("TRAPLINE_CACHE");
    assert.ok((await trapline("cache")).out.includes(old));

    assert.ok(!(await trapline("cache", "--clear")).out.includes("standalone"));
    const left = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
    assert.deepEqual(left, [".unpacking-4567.89", "unicorn-2.1.4"]);
  }));

Deno.test("a cache that does not exist has no programs", () =>
  withCache(async () => {
    const { status, out } = await trapline("cache");
    assert.equal(status, 0);
    assert.doesNotMatch(out, /standalone/);
  }));
