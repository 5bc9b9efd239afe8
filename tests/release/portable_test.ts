/**
 * The portable program, copied alone into an empty folder and run where there is no network, no home,
 * and nothing on the `PATH` but the tools of every system.
 */
import assert from "node:assert/strict";
import { SHARED } from "../suites/shared.ts";
import {
  buildBinary,
  copyProject,
  find,
  hasUnshare,
  noPortable,
  type Ran,
  root,
  runAlone,
  unshare,
  works,
} from "./build.ts";

/** Lets a process see another file system than others, where that is permitted. */
const mount = unshare !== undefined && works(unshare, "-m", "true") ? find("mount") : undefined;

const names = ["x64", "aarch64", "riscv64"] as const;
const sample = ["i32", "f64", "call_indirect", "memory_grow", "br_table"];
const cases = ["addressing", "calls", "br_table"];

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** The folder that a program is unpacked to below a folder, undefined while there is none. */
async function unpackedBelow(folder: string): Promise<string | undefined> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory || !/^trapline(-\d+)?$/.test(name)) continue;
    for await (const { name: inner } of Deno.readDir(`${folder}/${name}`)) {
      if (inner.startsWith("standalone-")) return `${folder}/${name}/${inner}`;
    }
  }
  return undefined;
}

async function leftovers(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(".unpacking")) found.push(name);
  }
  return found;
}

Deno.test({
  name: "a portable program needs nothing but its file" +
    (noPortable === undefined
      ? hasUnshare ? "" : " (with a network: unshare is not permitted)"
      : ` (skipped: ${noPortable})`),
  ignore: noPortable !== undefined,
  fn: async (t) => {
    const folder = await Deno.makeTempDir({ prefix: "trapline-portable-" });
    try {
      await steps(t, folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

async function steps(t: Deno.TestContext, folder: string): Promise<void> {
  const built = `${folder}/built/trapline`;
  let alone = "", count = 0;
  let unpacked = "";
  /** An empty folder with nothing in it but the program. */
  const fresh = async (): Promise<string> => {
    const path = `${folder}/alone-${++count}`;
    await Deno.mkdir(path);
    await Deno.copyFile(built, `${path}/trapline`);
    return path;
  };
  const run = (...args: readonly string[]): Promise<Ran> =>
    runAlone([`${alone}/trapline`, ...args], { folder: alone });
  const runOk = async (...args: readonly string[]): Promise<string> => {
    const { status, out, err } = await run(...args);
    assert.equal(status, 0, `${args.join(" ")}\n${out}\n${err}`);
    return out;
  };

  await t.step("it is built, and the build says what is in it", async () => {
    const { status, out, err } = await buildBinary(root, ["--portable", "-o", built]);
    assert.equal(status, 0, err);
    for (const part of [/^deno \(/m, /unicorn.* \(the emulator\)/, /\(Binaryen\)/, /^all /m]) {
      assert.match(out, part);
    }
    assert.match(out, new RegExp(`^[0-9a-f]{64} {2}${built}$`, "m"));
    const licenses = await Deno.readTextFile(`${folder}/built/LICENSES.txt`);
    assert.match(licenses, /GNU GENERAL PUBLIC LICENSE/);
    assert.match(licenses, /binaryen[^]*gecko-profiler-demangle/);
    const text = new TextDecoder("latin1").decode(await Deno.readFile(built));
    assert.ok(!text.includes(root) && !text.includes(folder), "it contains a path of this machine");
  });

  await t.step("the same sources in another folder give the same file", async () => {
    const other = `${folder}/another/place/for/it`;
    await Deno.mkdir(`${other}/tmp`, { recursive: true });
    await copyProject(other);
    const { status, err } = await buildBinary(other, ["--portable", "-o", "out/trapline"], {
      TMPDIR: `${other}/tmp`,
    });
    assert.equal(status, 0, err);
    const [first, second] = [
      await Deno.readFile(built),
      await Deno.readFile(`${other}/out/trapline`),
    ];
    assert.equal(first.length, second.length);
    assert.equal(first.findIndex((byte, n) => byte !== second[n]), -1, "the files differ");
    await Deno.remove(`${folder}/another`, { recursive: true });
  });

  await t.step("it starts alone, and says what it is and contains", async () => {
    alone = await fresh();
    const out = await runOk("--version");
    assert.match(out, /^trapline \d+\.\d+\.\d+ \(build [0-9a-f]{12}\)$/m);
    for (const name of names) assert.match(out, new RegExp(`^${name} \\(`, "m"));
    assert.match(out, /^Unicorn 2\.\d+\.\d+, embedded: /m);
    assert.match(out, /GNU General Public License/);
    assert.match(await runOk("license"), /GNU GENERAL PUBLIC LICENSE/);
    unpacked = await unpackedBelow(alone) ?? assert.fail("nothing was unpacked");
    assert.ok(out.includes(unpacked), `another library is used: ${out}`);
  });

  await t.step("a library inside an executable would be put where it can be loaded", async () => {
    // What `deno compile` makes says so of itself, and has its files where the loader does not look.
    await Deno.writeTextFile(
      `${alone}/standalone.js`,
      `Object.defineProperty(Deno, "build", { value: { ...Deno.build, standalone: true } });\n`,
    );
    const deno = [`${unpacked}/deno`, "run", "-A", "--no-config", "--preload=standalone.js"];
    const command = [...deno, `${unpacked}/program/cli.js`, "--version"];
    const env = { HOME: `${alone}/home`, DENO_DIR: `${alone}/state` };
    const { status, out, err } = await runAlone(command, { folder: alone, env });
    assert.equal(status, 0, err);
    const [, path = ""] = /^Unicorn .*, embedded: (.*)$/m.exec(out) ?? [];
    assert.ok(path.startsWith(`${alone}/home/`), out);
    const carried = `${unpacked}/program/${path.slice(path.lastIndexOf("/") + 1)}`;
    assert.deepEqual(await Deno.readFile(path), await Deno.readFile(carried));
  });

  await t.step("it runs WASI programs on all targets", async () => {
    await Deno.copyFile(`${root}/examples/mandelbrot.wat`, `${alone}/mandelbrot.wat`);
    const outputs = await Promise.all(
      names.map((name) => runOk("run", "--target", name, "mandelbrot.wat")),
    );
    assert.ok((outputs[0] ?? "").split("\n").length > 20, outputs[0]);
    assert.deepEqual(outputs, [outputs[0], outputs[0], outputs[0]]);
    const optimised = await runOk("run", "--wasm-opt", "O2", "-j", "2", "mandelbrot.wat");
    assert.equal(optimised, outputs[0]);
  });

  await t.step("it shows a module as a page, and names as their language writes them", async () => {
    await runOk("inspect", "--html", "page.html", "mandelbrot.wat");
    assert.match(await Deno.readTextFile(`${alone}/page.html`), /<html/);
    await Deno.writeTextFile(
      `${alone}/trap.wat`,
      `(module (func $_ZN4core3fmt5write17h0123456789abcdefE (export "f") unreachable))`,
    );
    const { status, err } = await run("run", "--invoke", "f", "trap.wat");
    assert.equal(status, 134, err);
    assert.match(err, /core::fmt::write/);
  });

  const spec = `${SHARED}/spec`;
  await t.step({
    name: `it runs a sample of the spec suite${await exists(spec) ? "" : ` (no ${spec})`}`,
    ignore: !await exists(spec),
    fn: async () => {
      for (const name of sample) {
        await Deno.copyFile(`${spec}/${name}.wast`, `${alone}/${name}.wast`);
      }
      for (const target of names) {
        const out = await runOk(
          "wast",
          "--target",
          target,
          ...sample.map((name) => `${name}.wast`),
        );
        assert.match(out, /[1-9]\d\d+ (assertions )?passed/, out);
      }
    },
  });

  await t.step("it checks goldens", async () => {
    for (const name of cases) {
      await Deno.mkdir(`${alone}/snapshots/cases`, { recursive: true });
      await Deno.copyFile(
        `${root}/snapshots/cases/${name}.wat`,
        `${alone}/snapshots/cases/${name}.wat`,
      );
      for await (const { name: variant, isDirectory } of Deno.readDir(`${root}/snapshots`)) {
        const golden = `snapshots/${variant}/${name}.snap`;
        if (!isDirectory || !await exists(`${root}/${golden}`)) continue;
        await Deno.mkdir(`${alone}/snapshots/${variant}`, { recursive: true });
        await Deno.copyFile(`${root}/${golden}`, `${alone}/${golden}`);
      }
    }
    assert.match(await runOk("snapshot", "check"), /goldens match/);
    const golden = `${alone}/snapshots/x64/calls.snap`;
    await Deno.writeTextFile(golden, (await Deno.readTextFile(golden)).replace(/\bret\b/, "nop"));
    const { status, out } = await run("snapshot", "check");
    assert.equal(status, 1, out);
  });

  await t.step("what is unpacked is the user's alone, and nothing is left beside it", async () => {
    const parent = unpacked.slice(0, unpacked.lastIndexOf("/"));
    assert.deepEqual(await leftovers(parent), []);
    for (const path of [parent, unpacked]) {
      assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o077, 0, path);
    }
  });

  await t.step(
    "a file that was changed, emptied, removed or added is noticed and repaired",
    async () => {
      const library = `${unpacked}/program/cli.js`;
      const right = await Deno.readFile(library);
      const isRight = async (): Promise<void> => {
        await runOk("cache");
        assert.deepEqual(await Deno.readFile(library), right);
      };
      const changed = right.slice();
      changed[changed.length - 1] = 0x20;
      await Deno.writeFile(library, changed);
      await isRight();
      await Deno.writeFile(library, new Uint8Array());
      await Deno.utime(library, 0, 0);
      await isRight();
      await Deno.remove(library);
      await isRight();
      await Deno.writeTextFile(`${unpacked}/program/stranger.js`, "x");
      await isRight();
      assert.ok(!await exists(`${unpacked}/program/stranger.js`));
      // The runtime itself, and all at once.
      await Deno.truncate(`${unpacked}/deno`, 1000);
      await Deno.remove(`${unpacked}/complete`);
      await isRight();
    },
  );

  await t.step("a damaged file does not start, and leaves nothing behind", async () => {
    const bytes = await Deno.readFile(built);
    const place = `${folder}/damaged`;
    await Deno.mkdir(place);
    bytes[bytes.length >> 1]! ^= 0xff;
    await Deno.writeFile(`${place}/trapline`, bytes, { mode: 0o755 });
    const { status, err } = await runAlone([`${place}/trapline`, "--version"], { folder: place });
    assert.equal(status, 1, err);
    assert.match(err, /^trapline: Cannot unpack the program: /m);
    assert.equal(await unpackedBelow(place), undefined);
    assert.deepEqual(await leftovers(`${place}/trapline-${Deno.uid()}`), []);
  });

  await t.step("first starts at once do not disturb each other", async () => {
    const place = await fresh();
    const all = await Promise.all(
      [1, 2].map(() => runAlone([`${place}/trapline`, "cache"], { folder: place })),
    );
    for (const { status, out, err } of all) {
      assert.deepEqual([status, err], [0, ""], out);
    }
    const found = await unpackedBelow(place) ?? assert.fail("nothing was unpacked");
    assert.deepEqual(await leftovers(found.slice(0, found.lastIndexOf("/"))), []);
    await Deno.remove(place, { recursive: true });
  });

  await t.step("it is unpacked below a home, and elsewhere where that takes no files", async () => {
    const place = await fresh();
    const home = `${place}/home`;
    await Deno.mkdir(home);
    // Projects around it are none of its business.
    await Deno.writeTextFile(`${home}/deno.json`, "{ this is no JSON");
    await Deno.writeTextFile(`${home}/package.json`, "{ nor is this");
    const [env, cache] = Deno.build.os === "darwin"
      ? [{ HOME: home }, `${home}/Library/Caches`]
      : [{ HOME: home }, `${home}/.cache`];
    const first = await runAlone([`${place}/trapline`, "cache"], { folder: place, env });
    assert.equal(first.status, 0, first.err);
    assert.ok(first.out.startsWith(`${cache}/trapline/code: `), first.out);
    assert.ok(await unpackedBelow(cache) !== undefined);
    assert.equal(await unpackedBelow(place), undefined);

    // A home that is read-only for root as well; without that, a file where the cache should be.
    let command = [`${place}/trapline`, "cache"];
    if (mount !== undefined) {
      const script = `${mount} -t tmpfs -o ro tmpfs "$HOME" && exec "$0" "$@"`;
      command = [unshare as string, "-m", "/bin/sh", "-c", script, ...command];
    } else {
      await Deno.remove(cache, { recursive: true });
      await Deno.writeTextFile(cache, "");
    }
    const second = await runAlone(command, { folder: place, env });
    assert.equal(second.status, 0, second.err);
    assert.ok(await unpackedBelow(place) !== undefined);
    await Deno.remove(place, { recursive: true });
  });

  await t.step("a folder of another user is not trusted", async () => {
    if (Deno.uid() !== 0) return;
    const parent = unpacked.slice(0, unpacked.lastIndexOf("/"));
    await Deno.chown(parent, 1, 1);
    const { status, err } = await run("cache");
    await Deno.chown(parent, 0, 0);
    assert.equal(status, 1);
    assert.match(err, /another user/);
    await runOk("cache");
  });

  await t.step("it starts itself again where it measures processes", async () => {
    const { status, out, err } = await run(
      ...[
        "bench",
        "mandelbrot.wat",
        "--only",
        "counts,process",
        "--repeat",
        "1",
        "--peers",
        "none",
      ],
    );
    assert.equal(status, 0, err + out);
    assert.match(out, /mandelbrot/);
  });
}
