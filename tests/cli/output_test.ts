/**
 * What commands read and write: files that are whole or not there, standard input and output, and
 * one message for everything that is in the way.
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { fileURLToPath } from "node:url";
import { parse } from "wasm-tools";
import { targets } from "../../backends/targets.ts";
import { main } from "../../lib/cli/main.ts";
import { trapline, withFiles } from "./captured.ts";

const wat = `(module $m (memory 1) (func $add (export "add") (param i32 i32) (result i32)
  (i32.add (local.get 0) (local.get 1))))`;
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Everything in a folder, also what is hidden. */
const listing = (folder: string): string[] =>
  [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** Runs the command line with these bytes at standard input. */
async function piped(
  input: Uint8Array<ArrayBuffer> | undefined,
  ...args: readonly string[]
): Promise<{ status: number; out: Uint8Array; text: string; err: string }> {
  const parts: Uint8Array[] = [];
  let text = "", err = "";
  const status = await main(args, {
    targets,
    out: (part) => void (text += part),
    err: (part) => void (err += part),
    outBytes: (part) => void parts.push(part.slice()),
    ...(input && { readInput: () => Promise.resolve(input) }),
    isTerminal: false,
  });
  return { status, out: Uint8Array.from(parts.flatMap((part) => [...part])), text, err };
}

Deno.test("- is standard input and standard output", () =>
  withFiles({ "m.wat": wat }, async (folder) => {
    const module = `${folder}/m.wat`, object = `${folder}/m.cwasm`, linkable = `${folder}/m.o`;
    await trapline("compile", module, "-o", object);
    await trapline("compile", module, "-o", linkable);
    const text = new Uint8Array(new TextEncoder().encode(wat));
    const binary = new Uint8Array(await parse(wat));
    for (const input of [text, binary]) {
      const linked = await piped(input, "compile", "-", "-o", "-");
      strictEqual(linked.status, 0, linked.err);
      deepStrictEqual(linked.out, await Deno.readFile(object));
      const relocatable = await piped(input, "compile", "--relocatable", "-", "-o", "-");
      deepStrictEqual(relocatable.out, await Deno.readFile(linkable));
      const listed = await piped(input, "inspect", "-");
      deepStrictEqual(listed.text, (await trapline("inspect", module)).out);
      const ran = await piped(input, "run", "--invoke", "add", "-", "40", "2");
      strictEqual(ran.text, "42\n");
    }
    const listed = await piped(await Deno.readFile(object), "inspect", "-");
    deepStrictEqual(listed.text, (await trapline("inspect", object)).out);
    const page = await piped(text, "inspect", "-", "--html", "-");
    ok(page.text.startsWith("<!doctype html>") && page.text.endsWith("</html>\n"));
    // There is no mark of a compiled object here, nor of a module: it is bad text.
    const bad = await piped(new TextEncoder().encode("(module\n(func foo))"), "inspect", "-");
    strictEqual(bad.status, 1);
    strictEqual(
      bad.err,
      'trapline: Cannot parse "standard input": unknown operator or unexpected token (at 2:7)\n',
    );
    strictEqual((await piped(new Uint8Array(), "inspect", "-")).status, 1);
    const none = await piped(undefined, "inspect", "-");
    strictEqual(none.err, "trapline: Cannot read standard input: there is none\n");
  }));

Deno.test("the command line itself pipes bytes, and does not mind a reader that leaves", () =>
  withFiles({ "m.wat": `(module ${"(func nop)".repeat(3000)})` }, async (folder) => {
    const command = `"${Deno.execPath()}" run -A "${root}/cli.ts"`;
    const shell = async (script: string): Promise<[number, string, string]> => {
      const { code, stdout, stderr } = await new Deno.Command("sh", {
        args: ["-c", script],
        cwd: folder,
      }).output();
      const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
      return [code, text(stdout), text(stderr)];
    };
    await shell(`${command} compile m.wat -o m.cwasm`);
    const [code, , complaint] = await shell(`${command} compile - -o - < m.wat | cmp - m.cwasm`);
    deepStrictEqual([code, complaint], [0, ""]);
    const left = await shell(`(${command} inspect m.wat; echo "status $?" >&2) | head -n 1`);
    match(left[1], /^target: \S+\n$/);
    strictEqual(left[2], "status 0\n");
  }));

Deno.test("a file is whole or as it was, whatever is in the way", () =>
  withFiles({ "m.wat": wat, "bad.wat": "(module (func", "old.cwasm": "old" }, async (folder) => {
    const before = listing(folder);
    const cases: [string[], RegExp][] = [
      [["compile", `${folder}/bad.wat`, "-o", `${folder}/old.cwasm`], /Cannot parse/],
      [["compile", `${folder}/m.wat`, "-o", folder], /Cannot write ".*": it is a folder/],
      [["compile", `${folder}/m.wat`, "-o", `${folder}/no/x`], /: no such file or folder/],
      [["compile", `${folder}/m.wat`, "-o", `${folder}/m.wat/x`], /: a part of its path is no fo/],
      [["inspect", `${folder}/m.wat`, "--html", `${folder}/no/x`], /: no such file or folder/],
      [["inspect", `${folder}/m.wat`, "--html", folder], /: it is a folder/],
      [["inspect", folder], /Cannot read ".*": it is a folder/],
      [["inspect", `${folder}/none.wasm`], /Cannot read ".*": no such file or folder/],
      [["inspect", `${folder}/m.wat/x`], /Cannot read ".*": a part of its path is no folder/],
      [["compile", `${folder}/none.wasm`, "-o", `${folder}/x`], /Cannot read ".*": no such file/],
    ];
    if (Deno.build.os === "linux") {
      cases.push([["compile", `${folder}/m.wat`, "-o", "/dev/full"], /: no space left on device/]);
      cases.push([["inspect", "/proc/self/mem"], /Cannot read ".*": input\/output error/]);
    }
    for (const [args, message] of cases) {
      const { status, out, err } = await trapline(...args);
      match(err, message);
      match(err, /^trapline: [^\n]*\n$/);
      strictEqual(status, 1);
      strictEqual(out, "");
      deepStrictEqual(listing(folder), before, args.join(" "));
      strictEqual(await Deno.readTextFile(`${folder}/old.cwasm`), "old");
    }
  }));

Deno.test({
  name: "a disk that is full leaves the old file",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFiles({ "m.wat": wat, "m.cwasm": "old", "m.html": "old" }, async (folder) => {
      // A limit of 1,024 bytes a file stands in for the disk: the write fails in the middle.
      const run = async (...args: string[]): Promise<[number, string]> => {
        const words = args.map((arg) => `'${arg}'`).join(" ");
        const script =
          `trap "" XFSZ; ulimit -f 2; exec "${Deno.execPath()}" run -A "${root}/cli.ts" ${words}`;
        const { code, stderr } = await new Deno.Command("sh", { args: ["-c", script] }).output();
        return [code, new TextDecoder().decode(stderr)];
      };
      const module = `${folder}/m.wat`;
      for (
        const [file, ...args] of [
          ["m.cwasm", "compile", module, "-o", `${folder}/m.cwasm`],
          ["m.html", "inspect", module, "--html", `${folder}/m.html`],
        ] as const
      ) {
        const [code, err] = await run(...args);
        match(err, /trapline: Cannot write ".*": file too large\n$/);
        strictEqual(code, 1);
        strictEqual(await Deno.readTextFile(`${folder}/${file}`), "old");
      }
      deepStrictEqual(listing(folder), ["m.cwasm", "m.html", "m.wat"]);
    }),
});

Deno.test({
  name: "links, permissions and devices stay what they are",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFiles({ "m.wat": wat, "real/m.cwasm": "old" }, async (folder) => {
      const module = `${folder}/m.wat`, link = `${folder}/link.cwasm`;
      await Deno.chmod(`${folder}/real/m.cwasm`, 0o640);
      await Deno.symlink(`${folder}/real/m.cwasm`, link);
      strictEqual((await trapline("compile", module, "-o", link)).status, 0);
      ok((await Deno.lstat(link)).isSymlink);
      const { mode, size } = await Deno.stat(`${folder}/real/m.cwasm`);
      strictEqual((mode ?? 0) & 0o777, 0o640);
      ok(size > 1000);
      await trapline("compile", module, "-o", `${folder}/new.cwasm`);
      strictEqual(
        ((await Deno.stat(`${folder}/new.cwasm`)).mode ?? 0) & 0o777,
        0o666 & ~Deno.umask(),
      );
      strictEqual((await trapline("compile", module, "-o", "/dev/null")).status, 0);
      ok((await Deno.stat("/dev/null")).isCharDevice);
      const pipe = `${folder}/pipe`;
      await new Deno.Command("mkfifo", { args: [pipe] }).output();
      const reader = Deno.readFile(pipe);
      strictEqual((await trapline("compile", module, "-o", pipe)).status, 0);
      deepStrictEqual(await reader, await Deno.readFile(`${folder}/new.cwasm`));
      ok((await Deno.lstat(pipe)).isFifo);
    }),
});
