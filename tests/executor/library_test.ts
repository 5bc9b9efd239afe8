/** Finding and fetching the Unicorn library. */
import { strict as assert } from "node:assert";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { downloadWithPip, fetchUnicorn } from "../../lib/executor/unicorn/fetch.ts";
import { type Wheel, wheelForHost } from "../../lib/executor/unicorn/wheels.ts";
import {
  describeUnicorn,
  loadFirst,
  type Refusal,
  UnicornUnavailable,
} from "../../lib/executor/unicorn/library.ts";
import { readZipMember } from "../../lib/executor/unicorn/zip_member.ts";
import { library } from "./guest.ts";

const CHILD = new URL("library_child.ts", import.meta.url).pathname;

/** Runs `library_child.ts` with no library in reach but the system's. */
async function child(
  args: readonly string[],
  environment: Record<string, string>,
): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", CHILD, ...args],
    env: { TRAPLINE_UNICORN: "", ...environment },
    stdin: "null",
    stderr: "inherit",
  });
  const { success, stdout } = await command.output();
  assert.ok(success);
  return new TextDecoder().decode(stdout);
}

async function inTemporaryDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "trapline-test-" });
  try {
    await use(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Names of all files below a directory. */
function filesIn(directory: string): string[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(join(directory, name)) : [name]
  );
}

function installed(program: string, ...args: string[]): boolean {
  try {
    const command = new Deno.Command(program, { args, stdout: "null", stderr: "null" });
    return command.outputSync().success;
  } catch {
    return false;
  }
}

Deno.test("a library that is too old, missing, or another one is passed over with the reason", () => {
  const { path } = library;
  const refusals: Refusal[] = [];
  assert.equal(loadFirst([{ path, source: "cache" }], refusals, [99, 0, 0]), undefined);
  const missing = { path: "/nonexistent/libunicorn.so", source: "shipped" };
  const found = loadFirst([missing, { path, source: "system" }], refusals);
  assert.match(describeUnicorn(found ?? assert.fail()), /^Unicorn 2\.\d+\.\d+, system: /);
  const [old, absent, ...none] = refusals;
  assert.match(old?.reason ?? "", /^its version is 2\.1\.\d+$/);
  assert.equal(absent?.reason, "there is no such file");
  assert.deepEqual(none, []);

  const { message } = new UnicornUnavailable("it is not installed", refusals);
  for (const part of [path, "its version is 2", "setup", "package manager", "TRAPLINE_UNICORN"]) {
    assert.ok(message.includes(part), `"${part}" in ${message}`);
  }
});

Deno.test({
  name: "another library, and an old Unicorn, are recognised as such (needs a C compiler)",
  ignore: Deno.build.os !== "linux" || !installed("cc", "--version"),
  fn: () =>
    inTemporaryDirectory(async (directory) => {
      const build = async (name: string, source: string): Promise<string> => {
        const path = join(directory, name);
        await Deno.writeTextFile(`${path}.c`, source);
        assert.ok(installed("cc", "-shared", "-o", path, `${path}.c`));
        return path;
      };
      const old = await build("old.so", "unsigned uc_version(void) { return 0x02010300; }");
      const other = await build("other.so", "int something;");
      const refusals: Refusal[] = [];
      const places = [old, other].map((path) => ({ path, source: "cache" }));
      assert.equal(loadFirst(places, refusals), undefined);
      const reasons = refusals.map(({ reason }) => reason);
      assert.deepEqual(reasons, ["its version is 2.1.3", "it is not Unicorn"]);
    }),
});

Deno.test("TRAPLINE_UNICORN is obeyed: a library of no use there is an error", async () => {
  const wrong = await child(["open"], { TRAPLINE_UNICORN: "/nonexistent/libunicorn.so" });
  assert.match(wrong, /^Cannot load Unicorn 2\.1\.4 or later: TRAPLINE_UNICORN names/);
  assert.match(wrong, /tried "\/nonexistent\/libunicorn\.so" \(TRAPLINE_UNICORN\): /);
  const right = await child(["open"], { TRAPLINE_UNICORN: library.path });
  assert.equal(right, `Unicorn ${library.version.join(".")}, TRAPLINE_UNICORN: ${library.path}`);
});

Deno.test("without the network and a library, the message lists what was tried and what helps", () =>
  inTemporaryDirectory(async (directory) => {
    const places = { HOME: directory, XDG_CACHE_HOME: directory, LOCALAPPDATA: directory };
    const text = await child(["open"], places);
    // A library that the system has is a right answer as well.
    if (/^Unicorn [^\n]*, (system|shipped): /.test(text)) return;
    assert.match(text, /must not be fetched/);
    assert.ok(text.includes(directory) && text.includes("(system)"), text);
    // Deno itself uses that directory, too.
    assert.deepEqual(filesIn(directory).filter((name) => name.includes("unicorn")), []);
  }));

const fake: Wheel = {
  platform: "any",
  sha256: "00",
  member: "lib/library",
  memberSha256: "",
  megabytes: 0,
};

Deno.test("a package with another hash, and a failed download, leave nothing behind", () =>
  inTemporaryDirectory(async (directory) => {
    const target = join(directory, "cache", "library");
    const download = (_wheel: Wheel, to: string): Promise<void> =>
      Deno.writeTextFile(join(to, "package.whl"), "not the package");
    await assert.rejects(
      fetchUnicorn({ target, wheel: fake, download }),
      /SHA-256 is [0-9a-f]{64}/,
    );
    const failing = (): Promise<void> => Promise.reject(new Error("no network"));
    await assert.rejects(fetchUnicorn({ target, wheel: fake, download: failing }), /no network/);
    assert.deepEqual(filesIn(directory), []);
  }));

Deno.test("a package with the right hash is unpacked into the cache", () =>
  inTemporaryDirectory(async (directory) => {
    const target = join(directory, "cache", "library");
    const contents = new TextEncoder().encode("the library ".repeat(1000));
    const archive = zip("lib/library", contents);
    const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", archive)).toHex();
    const lines: string[] = [];
    await fetchUnicorn({
      target,
      wheel: { ...fake, sha256 },
      download: (_wheel, to) => Deno.writeFile(join(to, "package.whl"), archive),
      report: (line) => lines.push(line),
    });
    assert.deepEqual(Deno.readFileSync(target), contents);
    assert.deepEqual(filesIn(directory), ["library"]);
    assert.equal(lines.length, 2);
  }));

Deno.test("archives that lack the member, or are cut off, are refused", () => {
  const archive = zip("member", new Uint8Array(100));
  assert.deepEqual(Uint8Array.from(readZipMember(archive, "member")), new Uint8Array(100));
  assert.throws(() => readZipMember(archive, "other"), /no member "other"/);
  assert.throws(() => readZipMember(archive.subarray(0, 50), "member"), /not a zip file/);
});

Deno.test({
  name: "two processes fetch into one cache at once (needs pip and the network)",
  ignore: wheelForHost() === undefined || !installed("python3", "-m", "pip", "--version"),
  fn: () =>
    inTemporaryDirectory(async (directory) => {
      const wheel = wheelForHost() as Wheel;
      await downloadWithPip(wheel, directory);
      const archive = join(directory, filesIn(directory)[0] as string);
      const target = join(directory, "cache", "library");
      const fetching = [1, 2].map(() => child(["fetch", target, archive], {}));
      assert.deepEqual(await Promise.all(fetching), ["fetched", "fetched"]);
      assert.deepEqual(filesIn(join(directory, "cache")), ["library"]);
      const found = loadFirst([{ path: target, source: "cache" }], []);
      assert.deepEqual(found?.version, [2, 1, 4]);
    }),
});

/** A zip archive with one deflated member. */
function zip(name: string, contents: Uint8Array): Uint8Array<ArrayBuffer> {
  const packed = deflateRawSync(contents);
  const member = new TextEncoder().encode(name);
  const directoryAt = 30 + member.length + packed.length;
  const bytes = new Uint8Array(directoryAt + 46 + member.length + 22);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x04034b50, true);
  view.setUint16(26, member.length, true);
  bytes.set(member, 30);
  bytes.set(packed, 30 + member.length);
  view.setUint32(directoryAt, 0x02014b50, true);
  view.setUint16(directoryAt + 10, 8, true);
  view.setUint32(directoryAt + 20, packed.length, true);
  view.setUint32(directoryAt + 24, contents.length, true);
  view.setUint16(directoryAt + 28, member.length, true);
  bytes.set(member, directoryAt + 46);
  const end = directoryAt + 46 + member.length;
  view.setUint32(end, 0x06054b50, true);
  view.setUint16(end + 8, 1, true);
  view.setUint16(end + 10, 1, true);
  view.setUint32(end + 12, 46 + member.length, true);
  view.setUint32(end + 16, directoryAt, true);
  return bytes;
}
