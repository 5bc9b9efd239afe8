/**
 * Files that somebody made to do harm, with a right hash: tables that lie about their lengths, places
 * outside of everything, a module that grows without end. `run` and `inspect` refuse each with one
 * line, without asking for memory that the file does not account for.
 */
import { match, ok, strictEqual } from "node:assert";
import { createHash } from "node:crypto";
import { VERSION } from "../../lib/base/version.ts";
import { ByteWriter } from "../../lib/object/byte_writer.ts";
import { trapline, withFiles } from "../cli/captured.ts";
import { findSection } from "./samples.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** LEB128s one after the other. */
function leb(...values: number[]): Bytes {
  const out = new ByteWriter();
  for (const value of values) out.uleb(value);
  return out.finish().slice();
}

/** The place of a section's header. */
function headerOf(file: Bytes, name: string): number {
  const view = new DataView(file.buffer);
  const table = Number(view.getBigUint64(40, true)), { offset, size } = findSection(file, name);
  for (let n = 0; n < view.getUint16(60, true); n++) {
    const header = table + 64 * n;
    const isIt = Number(view.getBigUint64(header + 24, true)) === offset &&
      Number(view.getBigUint64(header + 32, true)) === size;
    if (isIt) return header;
  }
  throw new Error(`no ${name}`);
}

/** The file with other bytes in a section: they stand at its end. */
function withSection(file: Bytes, name: string, bytes: Uint8Array): Bytes {
  const larger = new Uint8Array(file.length + bytes.length);
  larger.set(file);
  larger.set(bytes, file.length);
  const view = new DataView(larger.buffer), header = headerOf(file, name);
  view.setBigUint64(header + 24, BigInt(file.length), true);
  view.setBigUint64(header + 32, BigInt(bytes.length), true);
  return larger;
}

function contentOf(file: Bytes, name: string): Bytes {
  const { offset, size } = findSection(file, name);
  return file.slice(offset, offset + size);
}

/** The file with a number of 2, 4 or 8 bytes somewhere. */
function withNumber(file: Bytes, at: number, value: bigint, size: 2 | 4 | 8): Bytes {
  const copy = file.slice(), view = new DataView(copy.buffer);
  if (size === 8) view.setBigUint64(at, value, true);
  else if (size === 4) view.setUint32(at, Number(value), true);
  else view.setUint16(at, Number(value), true);
  return copy;
}

/** The file with lines of `.trapline.info` changed. */
function withInfo(file: Bytes, change: (lines: string[]) => string[]): Bytes {
  const lines = new TextDecoder().decode(contentOf(file, ".trapline.info")).split("\0").slice(
    0,
    -1,
  );
  const text = change(lines).map((line) => `${line}\0`).join("");
  return withSection(file, ".trapline.info", new TextEncoder().encode(text));
}

/** States the right hash where the original has it. */
function sign(file: Bytes, at: number): Bytes {
  const copy = file.slice();
  copy.fill(0, at, at + 32);
  copy.set(createHash("sha256").update(copy).digest(), at);
  return copy;
}

const most = 0xffff_ffff;

/** By name: how the file is made, and what is said about it. */
const attacks: Readonly<Record<string, readonly [make: (file: Bytes) => Bytes, reason: RegExp]>> = {
  "a trap table without end": [
    (file) => withSection(file, ".trapline.traps", leb(most, 2, 0)),
    /a table is longer than its section/,
  ],
  "a trap outside of the text": [
    (file) => withSection(file, ".trapline.traps", leb(1, 2 * 0x7fffff, 0)),
    /an entry of its trap table is out of place/,
  ],
  "a trap of a kind that is none": [
    (file) => withSection(file, ".trapline.traps", leb(1, 2, 200, 1)),
    /an entry of its trap table is out of place/,
  ],
  "two traps in one place": [
    (file) => withSection(file, ".trapline.traps", leb(2, 2, 0, 1)),
    /an entry of its trap table is out of place/,
  ],
  "an address map without end": [
    (file) => withSection(file, ".trapline.addrmap", leb(most)),
    /a table is longer than its section/,
  ],
  "an address map that leaves the module": [
    (file) => withSection(file, ".trapline.addrmap", Uint8Array.of(1, 255, 1, 0xff, 0xff, 0xff, 1)),
    /an entry of its address map is outside the module/,
  ],
  "four billion functions": [
    (file) => withSection(file, ".trapline.functions", leb(most, most, most, most)),
    /a table is longer than its section/,
  ],
  "a function outside of the text": [
    (file) =>
      withSection(file, ".trapline.functions", leb(1, 0, 0, 0, 0, most, 4, 0, 0, 0, 0, 0, 0)),
    /a function is outside the text/,
  ],
  "a prologue outside of its function": [
    (file) =>
      withSection(file, ".trapline.functions", leb(1, 0, 0, 0, 0, 0, 4, 0, 3, 5, 0, 0, 0, 0)),
    /a prologue is outside its function/,
  ],
  "four billion relocations": [
    (file) => {
      const bytes = leb(1, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, most);
      return withSection(file, ".trapline.functions", bytes);
    },
    /a table is longer than its section/,
  ],
  "no functions at all": [
    (file) => withSection(file, ".trapline.functions", leb(0, 0, 0, 0)),
    /its functions are not those of its module/,
  ],
  "a module of a gigabyte": [
    (file) => {
      const bytes = contentOf(file, ".trapline.module"), view = new DataView(bytes.buffer);
      view.setUint32(0, 2 ** 30, true);
      view.setUint32(8, 2 ** 30, true);
      return withSection(file, ".trapline.module", bytes);
    },
    /its module has 1073741824 bytes/,
  ],
  "a module that is none": [
    (file) => withSection(file, ".trapline.module", new Uint8Array(64).fill(7)),
    /its module/,
  ],
  "a module of four bytes": [
    (file) => withSection(file, ".trapline.module", new Uint8Array(4)),
    /a table of it is malformed/,
  ],
  "no text": [
    (file) => withNumber(file, headerOf(file, ".text") + 4, 8n, 4),
    /a function is outside the text/,
  ],
  "a text beyond the end of the file": [
    (file) => withNumber(file, headerOf(file, ".text") + 32, BigInt(file.length), 8),
    /section 1 is beyond its end/,
  ],
  "a section whose end is beyond what a number holds": [
    (file) => withNumber(file, headerOf(file, ".text") + 24, 0xffff_ffff_ffff_fff0n, 8),
    /section 1 is beyond its end/,
  ],
  "section headers beyond what a number holds": [
    (file) => withNumber(file, 40, 0xffff_ffff_ffff_ffc0n, 8),
    /its section headers are beyond its end/,
  ],
  "more section headers than the file has": [
    (file) => withNumber(file, 60, 0xffffn, 2),
    /its section headers are beyond its end/,
  ],
  "names in no section": [
    (file) => withNumber(file, 62, 0xffffn, 2),
    /its section headers are malformed/,
  ],
  "65,535 sections whose names do not end": [
    (file) => {
      const size = 65_535 * 64, start = Math.ceil(file.length / 8) * 8;
      const larger = new Uint8Array(start + size + 2 ** 22);
      larger.set(file);
      larger.fill(0x41, start + size);
      const view = new DataView(larger.buffer);
      for (let at = start; at < start + size; at += 64) {
        view.setUint32(at + 4, 1, true);
        view.setBigUint64(at + 24, BigInt(start + size), true);
        view.setBigUint64(at + 32, BigInt(2 ** 22), true);
      }
      const moved = withNumber(larger, 40, BigInt(start), 8);
      return withNumber(withNumber(moved, 60, 65_535n, 2), 62, 1n, 2);
    },
    /a section's name does not end/,
  ],
  "a hash of another length": [
    (file) => withSection(file, ".note.gnu.build-id", new Uint8Array(20)),
    /it has no hash/,
  ],
  "two sections of one name": [
    (file) => {
      const names = new DataView(file.buffer);
      const traps = names.getUint32(headerOf(file, ".trapline.traps"), true);
      return withNumber(file, headerOf(file, ".symtab"), BigInt(traps), 4);
    },
    /\.trapline\.traps is missing/,
  ],
  "another machine": [
    (file) => withNumber(file, 18, 3n, 2),
    /its ELF machine is 3, not that of x86_64-unknown-none/,
  ],
  "another version": [
    (file) =>
      withInfo(file, (lines) => lines.map((l) => l.replace(/^compiler=.*/, "compiler=trapline 9"))),
    new RegExp(`it was made by "trapline 9", this is trapline ${VERSION}: compile it again`),
  ],
  "another format": [
    (file) => withInfo(file, (lines) => lines.map((l) => l.replace(/^format=.*/, "format=77"))),
    /its format is "77", this is version \d+/,
  ],
  "another ABI": [
    (file) => withInfo(file, (lines) => lines.map((l) => l.replace(/^abi=.*/, "abi=0"))),
    /with another ABI: compile it again/,
  ],
  "another target": [
    (file) => withInfo(file, (lines) => lines.map((l) => l.replace(/^triple=.*/, "triple=vax"))),
    /it is for "vax", which is no target here/,
  ],
  "a target of control characters": [
    (file) =>
      withInfo(file, (lines) => lines.map((l) => l.replace(/^triple=.*/, "triple=\x1b[31m\nx"))),
    /it is for "\\u001b\[31m\\nx", which is no target here/,
  ],
  "features that no machine has": [
    (file) =>
      withInfo(file, (lines) => lines.map((l) => l.replace(/^features=/, "features=warp "))),
    /it needs the CPU feature "warp", which is not known here/,
  ],
  "nothing said about it": [
    (file) => withInfo(file, () => []),
    /it does not say for which target it is/,
  ],
};

Deno.test("hostile objects: each is refused with one line and little memory", () =>
  withFiles({
    "m.wat": `(module (memory 1) (func (export "f") (result i32) (i32.load (i32.const 70000)))
      (func (export "g") (param i32) (result i32) (call 0)))`,
  }, async (folder) => {
    const path = `${folder}/m.cwasm`;
    for (const options of [[], ["--drop-bodies"]]) {
      const target = ["--target", "x64"];
      await trapline("compile", ...target, ...options, `${folder}/m.wat`, "-o", path);
      const original = await Deno.readFile(path);
      const hashAt = findSection(original, ".note.gnu.build-id").offset + 16;
      strictEqual((await trapline("run", "--invoke", "f", path)).status, 134);
      for (const [name, [make, reason]] of Object.entries(attacks)) {
        await Deno.writeFile(path, sign(make(original), hashAt));
        const before = Deno.memoryUsage().rss;
        for (const command of [["run", "--invoke", "f", path], ["inspect", path]]) {
          const { status, out, err } = await trapline(...command);
          match(err, reason, `${name}, ${command[0]}`);
          match(err, /^trapline: Cannot load compiled object: [^\n]*\n$/, name);
          strictEqual(status, 1, name);
          strictEqual(out, "");
        }
        const used = Deno.memoryUsage().rss - before;
        ok(used < 200e6, `${name} took ${used} bytes`);
      }
    }
  }));

/** A module of one function of so many instructions that do nothing. */
function manyNops(count: number): Bytes {
  const out = new ByteWriter(), body = count + 2;
  out.bytes(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  out.bytes(Uint8Array.of(1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10));
  out.uleb(1 + leb(body).length + body);
  out.u8(1);
  out.uleb(body);
  out.u8(0);
  out.bytes(new Uint8Array(count).fill(1));
  out.u8(0x0b);
  return out.finish().slice();
}

Deno.test("a module of hardly anything but bodies cannot leave them out", () =>
  withFiles({}, async (folder) => {
    const module = `${folder}/m.wasm`, object = `${folder}/m.cwasm`;
    await Deno.writeFile(module, manyNops(5_000_000));
    const whole = await trapline("compile", module, "-o", object);
    strictEqual(whole.status, 0, whole.err);
    strictEqual((await trapline("inspect", object, "--size")).status, 0);
    await Deno.remove(object);
    const dropped = await trapline("compile", "--drop-bodies", module, "-o", object);
    strictEqual(dropped.status, 1);
    match(dropped.err, /^trapline: Cannot leave out function bodies: /);
    strictEqual(await Deno.stat(object).catch(() => undefined), undefined);
  }));
