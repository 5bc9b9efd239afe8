import assert from "node:assert/strict";
import { backends } from "../../backends/mod.ts";
import { type Captured, trapline, withFiles } from "./captured.ts";

const source = `(module
  (import "host" "f" (func $host (param i32)))
  (func $helper (param i32) (result i32) (i32.div_u (i32.const 100) (local.get 0)))
  (func (export "entry") (param i32) (result i32)
    (call $host (local.get 0))
    (call $helper (local.get 0)))
  (func $twin) (func $other (export "twin")))`;
const target = ["--target", "x64"];

Deno.test("inspect lists code, trampolines, relocations, functions and traps", () =>
  withFiles({ "m.wat": source }, async (folder) => {
    const { status, out } = await trapline("inspect", `${folder}/m.wat`, ...target);
    assert.equal(status, 0);
    assert.match(out, /^target: x86_64-unknown-none\ncounts: 4 functions, /);
    assert.match(out, /^code:\n {2}wasm\[0\]::function\[1\] "helper" \(i32\) -> \(i32\) {3}size=/m);
    // Calls name their symbol, and the distance, which the linker fills in, is not shown.
    assert.match(
      out,
      /e8 \.\. \.\. \.\. \.\. +call wasm\[0\]::function\[1\] "helper"/m,
    );
    assert.match(out, / div esi +; trap=integer-divide-by-zero$/m);
    assert.match(out, /; @[0-9a-f]{4} i32\.div_u$/m);
    assert.match(out, /^trampolines:\n {2}wasm\[0\]::array_to_wasm_trampoline\[2\] "entry"/m);
    assert.match(out, /^ {2}signatures\[\d\]::wasm_to_array_trampoline \(i32\) -> \(\) /m);
    assert.match(out, /^relocations:\n {2}wasm\[0\]::function\[2\] {2}[0-9a-f]{4} {2}call/m);
    assert.match(out, /^functions:\n(.*\n)* {2}wasm\[0\]::function\[2\] \d+ .* entry wasm/m);
    assert.match(
      out,
      /^traps:\n {2}wasm\[0\]::function\[1\] {2}integer-divide-by-zero {2}[0-9a-f]{4}/m,
    );
    for (const line of out.split("\n")) assert.equal(line, line.trimEnd());
  }));

Deno.test("inspect --function takes an index, a name and an export", () =>
  withFiles({ "m.wat": source }, async (folder) => {
    for (const [name, index] of [["1", 1], ["helper", 1], ["entry", 2]] as const) {
      const { status, out } = await trapline("inspect", `${folder}/m.wat`, "--function", name);
      assert.equal(status, 0);
      const shown = [...out.matchAll(/^ {2}wasm\[0\]::function\[(\d+)\].* size=/gm)];
      assert.deepEqual(shown.map((m) => m[1]), [String(index)]);
    }
  }));

Deno.test("inspect --function takes the names of C++ and Rust as people write them", () => {
  const names = [
    "_ZN3geo3sumERKNS_3VecEi",
    "_ZN4core3ptr4drop17h0123456789abcdefE",
    "_ZN3geo3sumEi",
  ];
  const functions = names.map((name) => `(func $${name})`).join("");
  return withFiles({ "m.wat": `(module ${functions})` }, async (folder) => {
    const ask = (name: string): Promise<Captured> =>
      trapline("inspect", `${folder}/m.wat`, "--function", name);
    const shown = async (name: string): Promise<string | undefined> =>
      /^code:\n {2}wasm\[0\]::function\[(\d+)\]/m.exec((await ask(name)).out)?.[1];
    assert.equal(await shown("geo::sum(geo::Vec const&, int)"), "0");
    assert.equal(await shown("core::ptr::drop"), "1");
    assert.equal(await shown("geo::sum(int)"), "2");
    assert.equal(await shown("_ZN3geo3sumEi"), "2");
    assert.match((await ask("geo::sum")).err, /several functions are called "geo::sum": 0, 2/);
    assert.match((await ask("geo::su")).err, /has no function "geo::su"/);
  });
});

Deno.test("inspect --function of what has no code is one clear message", () =>
  withFiles({ "m.wat": source }, async (folder) => {
    const file = `${folder}/m.wat`;
    const message = async (name: string): Promise<string> => {
      const { status, out, err } = await trapline("inspect", file, "--function", name);
      assert.equal(status, 2);
      assert.equal(out, "");
      return err;
    };
    assert.equal(
      await message("nope"),
      'trapline: the module has no function "nope"; indices go from 0 to 4\n',
    );
    assert.match(await message("5"), /has no function "5"/);
    assert.match(await message("host"), /function "host" is imported/);
    assert.match(await message("twin"), /several functions are called "twin": 3, 4/);
  }));

Deno.test("inspect names the fields of the vmctx and the entries of jump tables", () =>
  withFiles({
    "m.wat":
      `(module (memory 1) (table 4 funcref) (type $t (func)) (global $g (mut i32) (i32.const 1))
      (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
      (func (export "call") (param i32) (call_indirect (type $t) (local.get 0)))
      (func (export "global") (result i32) (global.get $g))
      (func (export "switch") (param i32) (result i32)
        (block (block (block (block (block (br_table 0 1 2 3 4 (local.get 0)))
          (return (i32.const 7))) (return (i32.const 8))) (return (i32.const 9)))
          (return (i32.const 10))) (i32.const 11)))`,
  }, async (folder) => {
    const { out } = await trapline("inspect", `${folder}/m.wat`, ...target);
    for (
      const field of [
        "vmctx.memory[0].base",
        "vmctx.table[0].base",
        "table[0] element",
        "funcref.type_id",
        "funcref.wasm_call",
        "vmctx.type_id[0]",
        "vmctx.global[0]",
        "host.gate",
      ]
    ) assert(out.includes(field), field);
    assert.match(out, /\.word \.L0 - \.D0 +; \[0\]\n/);
    assert.match(out, /\.word \.L3 - \.D0 +; \[3\]\n/);
  }));

Deno.test("inspect --stage shows one stage, --side-by-side all by wasm instruction", () =>
  withFiles({ "m.wat": source }, async (folder) => {
    const of = async (...options: string[]): Promise<string> => {
      const { status, out, err } = await trapline(
        "inspect",
        `${folder}/m.wat`,
        "--function",
        "helper",
        ...target,
        ...options,
      );
      assert.equal(status, 0, err);
      return out;
    };
    assert.match(await of("--stage", "ir"), /i32_div_u .*; @[0-9a-f]{4}\n/);
    assert.match(await of("--stage", "opt"), /i32_div_u/);
    assert.match(await of("--stage", "select"), /%\d+/);
    const allocated = await of("--stage", "alloc");
    assert.match(allocated, /:rax/);
    assert.match(await of("--stage", "code"), /f7 f6 +div esi/);
    const columns = await of("--side-by-side");
    assert.match(columns, /@[0-9a-f]{4} +i32\.div_u +v\d+ = i32_.* {2}0000 {2}xor edx, edx\n/);
    assert.match(columns, /^ {2,}v\d+ = i32_div_u v\d+, v\d+ +0002 {2}mov eax, 0x64\n/m);
    assert.match(columns, /^ {10,}0007 {2}div esi {2}; trap=integer-divide-by-zero$/m);
  }));

Deno.test("inspect --size accounts for every byte of the text", () =>
  withFiles({ "m.wat": source }, async (folder) => {
    const { out } = await trapline("inspect", `${folder}/m.wat`, "--size", ...target);
    const text = Number(out.match(/counts: .* (\d+) bytes/)?.[1]);
    const part = out.slice(out.indexOf("\ntext "), out.indexOf("\ntrap checks"));
    const rows = [...part.matchAll(/^(\S.*?) {2,}\d* +(\d+) +[\d.]+%$/gm)];
    const all = rows.pop();
    assert.equal(all?.[1], "all");
    assert.equal(Number(all?.[2]), text);
    assert.equal(rows.reduce((sum, row) => sum + Number(row[2]), 0), text);
    assert.match(out, /^integer-divide-by-zero +1 +0 +0 +0\.0%$/m);
    assert.match(out, /^\.text +\d+/m);
  }));

Deno.test("inspect shows compiled objects: relocatable, linked, with and without bodies", () =>
  withFiles({ "m.wat": source }, async (folder) => {
    const file = `${folder}/m.wat`;
    const module = await trapline("inspect", file, ...target);
    for (const name of ["m.o", "m.cwasm"]) {
      const object = `${folder}/${name}`;
      for (const keep of [true, false]) {
        const options = keep ? [] : ["--drop-bodies"];
        const made = await trapline("compile", file, "-o", object, ...options, ...target);
        assert.equal(made.status, 0, made.err);
        const { status, out, err } = await trapline("inspect", object);
        assert.equal(status, 0, err);
        if (keep) assert.equal(out, module.out);
        else {
          // Operators have no names, body sizes are not those of the original: the code is the same.
          const code = (text: string): string[] =>
            [...text.matchAll(/^ {4}[0-9a-f]{4} {2}[^;\n]*/gm)].map(([line]) => line.trimEnd());
          assert.deepEqual(code(out), code(module.out));
          assert(!out.includes("i32.div_u"));
        }
        const ir = await trapline("inspect", object, "--stage", "opt");
        assert.equal(ir.status, keep ? 0 : 2);
        assert.match(keep ? ir.out : ir.err, keep ? /i32_div_u/ : /has no wasm code/);
        assert.match((await trapline("inspect", object, "--size")).out, /^\.text +\d+/m);
      }
      const wrong = await trapline("inspect", object, "--target", "riscv64");
      assert.notEqual(wrong.status, 0);
    }
  }));

Deno.test("inspect shows every target on any machine", () =>
  withFiles({ "m.wat": source }, async (folder) => {
    for (const { isa } of backends) {
      for (
        const options of [[], ["--size"], ["--stage", "alloc"], ["--html", `${folder}/m.html`]]
      ) {
        const args = ["inspect", `${folder}/m.wat`, "--target", isa.name, ...options];
        const { status, out, err } = await trapline(...args);
        assert.equal(status, 0, err);
        assert(options[0] === "--html" || out.startsWith(`target: ${isa.triple}\n`));
      }
    }
  }));

Deno.test("inspect --html writes one file that refers to nothing outside", () =>
  withFiles({ "m.wat": source }, async (folder) => {
    const page = `${folder}/m.html`;
    const { status, out } = await trapline("inspect", `${folder}/m.wat`, "--html", page, ...target);
    assert.equal(status, 0);
    assert.match(out, /m\.html: \d+ bytes\n$/);
    const text = await Deno.readTextFile(page);
    assert(!/<(?:script|link|img)[^>]* (?:src|href)=/.test(text));
    assert(!/url\((?!#)|@import|https?:\/\/(?!www\.w3\.org\/2000\/svg)/.test(text));
  }));

Deno.test("inspect --ir shows the IR before the code, -O0 other code", () =>
  withFiles({ "m.wat": source }, async (folder) => {
    const file = `${folder}/m.wat`;
    const plain = await trapline("inspect", file, "--function", "helper");
    const withIr = await trapline("inspect", file, "--function", "helper", "--ir");
    assert(!plain.out.includes("i32_div_u"));
    assert.match(withIr.out, /^code:\n(.*\n)*.*i32_div_u.*\n(.*\n)* {2}wasm\[0\]::function\[1\]/m);
    const quick = await trapline("inspect", file, "-O", "0");
    assert.equal(quick.status, 0);
  }));
