/**
 * What readelf, nm, objdump, ld and gdb make of our files. They know nothing of us: what they show
 * is compared with what the code object says.
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { parse } from "wasm-tools";
import { backends } from "../../backends/mod.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import type { ReadableIsa } from "../../lib/codegen/isa.ts";
import type { CodeSymbol } from "../../lib/link/code_object.ts";
import { Module } from "../../lib/runtime/module.ts";
import { trapline } from "../cli/captured.ts";
import { hasShared, SHARED } from "../suites/shared.ts";
import { compileText, everything } from "./samples.ts";
import { runTool, skip, startTool, withFolder } from "./tools.ts";

/** Offsets of a function's instructions, as our disassembler sees them. */
function instructionsOf({ code }: Module, isa: ReadableIsa, symbol: CodeSymbol): number[] {
  const offsets: number[] = [];
  const end = symbol.location.start + symbol.instructionBytes;
  for (let at = symbol.location.start; at < end;) {
    offsets.push(at);
    at += isa.disassemble(code.text, at)?.length ?? end;
  }
  return offsets;
}

/** Offsets of the instructions that objdump or gdb list under a function's name. */
function listed(text: string, heading: string): number[] {
  const start = text.indexOf(heading);
  ok(start >= 0, `${heading} is not in the listing:\n${text.slice(0, 2000)}`);
  const end = text.indexOf("\n\n", start);
  const lines = text.slice(start, end < 0 ? undefined : end).split("\n").slice(1);
  const matches = lines.map((line) => /^\s+(?:0x)?([0-9a-f]+)(?::| <\+)(?!\s*R_)/.exec(line));
  return matches.flatMap((found) => found === null ? [] : [parseInt(found[1] as string, 16)]);
}

for (const backend of backends) {
  const { isa } = backend;

  Deno.test(`${isa.name}: readelf and nm accept the files and know the symbols`, async () => {
    const module = await compileText(backend, everything);
    await withFolder(async (folder) => {
      for (const relocatable of [true, false]) {
        const path = `${folder}/${relocatable ? "x.o" : "x.cwasm"}`;
        await Deno.writeFile(path, await module.serialize({ relocatable }));
        const headers = await runTool(isa, "readelf", "-aW", path);
        if (headers === undefined) return;
        match(headers, relocatable ? /REL \(Relocatable/ : /DYN \(Shared object/);
        ok(!/corrupt|invalid|<unknown>/i.test(headers), headers);
        const calls = [...headers.matchAll(/R_\w+\s+[0-9a-f]+ (wasm\S+)/g)].map(([, to]) => to);
        const expected = module.code.symbols.flatMap(({ relocations }) => relocations).length;
        strictEqual(calls.length, relocatable ? expected : 0);
        if (relocatable) ok(calls.includes("wasm_builtin_memory_grow"));
        else match(headers, /Build ID: [0-9a-f]{64}/);

        const symbols = await runTool(isa, "nm", path) ?? "";
        for (const { name, location } of module.code.symbols) {
          const line = `${location.start.toString(16).padStart(16, "0")} t ${name}\n`;
          ok(symbols.includes(line), `${line} is not in\n${symbols}`);
        }
        match(symbols, / T wasm_array_add\n/);
        match(symbols, / T wasm_export_add\n/);
        match(symbols, / t fibonacci\n/);
      }
      const frames = await runTool(isa, "readelf", "--debug-dump=frames", `${folder}/x.cwasm`);
      const ranges = [...frames?.matchAll(/pc=([0-9a-f]+)\.\.([0-9a-f]+)/g) ?? []];
      deepStrictEqual(
        ranges.map(([, start, end]) => [parseInt(start!, 16), parseInt(end!, 16)]),
        module.code.symbols.map(({ location: { start, length } }) => [start, start + length]),
      );
    });
  });

  Deno.test(`${isa.name}: objdump sees the instructions that we list`, async () => {
    const module = await compileText(backend, everything);
    await withFolder(async (folder) => {
      for (const relocatable of [true, false]) {
        const path = `${folder}/x${relocatable ? ".o" : ""}`;
        await Deno.writeFile(path, await module.serialize({ relocatable }));
        const text = await runTool(isa, "objdump", "-d", "-w", path);
        if (text === undefined) return;
        for (const symbol of module.code.symbols) {
          const start = symbol.location.start.toString(16).padStart(16, "0");
          const names: RegExpExecArray[] = [
            ...text.matchAll(new RegExp(`^${start} <(.*)>:$`, "gm")),
          ];
          ok(names.length === 1, `${symbol.name} is not in the disassembly`);
          const end = symbol.location.start + symbol.instructionBytes;
          const offsets: number[] = listed(text, names[0]![0]).filter((offset) => offset < end);
          deepStrictEqual(offsets, instructionsOf(module, isa, symbol));
        }
      }
    });
  });

  Deno.test(`${isa.name}: a linker resolves the calls as we do, of two modules in one`, async () => {
    const texts = [everything, everything.replaceAll('export "', 'export "second_')];
    const modules = await Promise.all(texts.map((text) => compileText(backend, text)));
    await withFolder(async (folder) => {
      const paths = modules.map((_, n) => `${folder}/${n}.o`);
      for (const [n, module] of modules.entries()) {
        const file = await module.serialize({ relocatable: true });
        await Deno.writeFile(paths[n] as string, file);
      }
      const linked = `${folder}/linked`, whole = `${folder}/whole.o`;
      if (await runTool(isa, "ld", "-r", ...paths, "-o", whole) === undefined) return;
      await runTool(isa, "ld", "-e", "wasm_export_second_add", whole, "-o", linked);
      await runTool(isa, "objcopy", "-O", "binary", "-j", ".text", linked, `${folder}/text`);
      const text = await Deno.readFile(`${folder}/text`);
      // The texts stand one behind the other, calls and all, as we linked them.
      let at = 0;
      for (const { code } of modules) {
        at = Math.ceil(at / 16) * 16;
        deepStrictEqual(text.subarray(at, at + code.text.length), code.text);
        at += code.text.length;
      }
    });
  });
}

const x64 = backends.find(({ isa }) => isa.name === "x64")!;
const riscv64 = backends.find(({ isa }) => isa.name === "riscv64")!;

Deno.test("riscv64: tools read the extensions from the file's attributes", async () => {
  const { isa } = riscv64;
  const text = `(module (func (export "count") (param i64) (result i64)
    (i64.add (i64.popcnt (local.get 0)) (i64.shl (i64.clz (local.get 0)) (i64.const 3)))))`;
  const bytes = new Uint8Array(await parse(text));
  await withFolder(async (folder) => {
    for (const relocatable of [true, false]) {
      const path = `${folder}/${relocatable ? "x.o" : "x.cwasm"}`;
      for (
        const [cpuFeatures, arch, flags] of [
          ["", "rv64i2p1_m2p0_a2p1_f2p2_d2p2_c2p0", "0x5, RVC, double-float ABI"],
          ["-c", "rv64i2p1_m2p0_a2p1_f2p2_d2p2", "0x4, double-float ABI"],
          ["b", "rv64i2p1_m2p0_a2p1_f2p2_d2p2_c2p0_zba1p0_zbb1p0_zbs1p0", "0x5, RVC"],
        ] as const
      ) {
        const engine = new Engine(riscv64, { cpuFeatures });
        const file = await Module.compile(engine, bytes).serialize({ relocatable });
        await Deno.writeFile(path, file);
        const headers = await runTool(isa, "readelf", "-hA", path);
        if (headers === undefined) return;
        ok(headers.includes(`Tag_RISCV_arch: "${arch}"`), headers);
        ok(headers.includes(`Flags:                             ${flags}`), headers);
        match(headers, /Tag_RISCV_stack_align: 16-bytes/);
        match(headers, /Tag_RISCV_unaligned_access: Unaligned access/);
        const listing = await runTool(isa, "objdump", "-d", path) ?? "";
        strictEqual(/\bcpop\s+a\d,a1/.test(listing), cpuFeatures === "b", listing);
        strictEqual(/\bsh3add\s/.test(listing), cpuFeatures === "b", listing);
        ok(!/\.[248]byte|unknown/.test(listing), listing);
      }
    }
  });
});

Deno.test("riscv64: a linker states what either of two objects needs", async () => {
  const { isa } = riscv64;
  await withFolder(async (folder) => {
    for (const [n, cpuFeatures] of ["zba", "zbb"].entries()) {
      const text = everything.replaceAll('export "', `export "n${n}_`);
      const module = Module.compile(
        new Engine(riscv64, { cpuFeatures }),
        new Uint8Array(await parse(text)),
      );
      const file = await module.serialize({ relocatable: true });
      await Deno.writeFile(`${folder}/${n}.o`, file);
    }
    const whole = `${folder}/whole.o`;
    if (
      await runTool(isa, "ld", "-r", `${folder}/0.o`, `${folder}/1.o`, "-o", whole) === undefined
    ) {
      return;
    }
    match(await runTool(isa, "readelf", "-A", whole) ?? "", /_zba1p0_zbb1p0"/);
  });
});

/** Runs gdb on a file and gives what it prints. */
async function gdb(
  isa: ReadableIsa,
  path: string,
  ...commands: readonly string[]
): Promise<string | undefined> {
  const options = ["set debuginfod enabled off", ...commands].flatMap((c) => ["-ex", c]);
  return await runTool(isa, "gdb", "-nx", "-batch", ...options, path);
}

/** The rows of call frame information of a function: places that change it, relative to its start. */
async function frameRows(isa: ReadableIsa, path: string, start: number): Promise<number[]> {
  const dump = await runTool(isa, "readelf", "--debug-dump=frames-interp", path);
  const pc = start.toString(16).padStart(16, "0");
  const entry = dump?.split(/\n\n/).find((text) => text.includes(`FDE cie=00000000 pc=${pc}`));
  return [...(entry ?? "").matchAll(/^([0-9a-f]{16}) /gm)].map(([, at]) =>
    parseInt(at!, 16) - start
  );
}

for (const backend of backends) {
  const { isa } = backend;

  Deno.test(`${isa.name}: the frame of a late prologue is described from there on`, async () => {
    const module = await compileText(backend, everything);
    await withFolder(async (folder) => {
      const path = `${folder}/x.cwasm`;
      await Deno.writeFile(path, await module.serialize());
      if (await runTool(isa, "readelf", "-h", path) === undefined) return;
      let late = 0;
      for (const { frame, location, instructionBytes } of module.code.symbols) {
        const [, ...rows] = await frameRows(isa, path, location.start);
        strictEqual(rows.length > 0, frame.hasFramePointer);
        ok(rows.every((at) => at > frame.start && at < instructionBytes));
        // The first is behind the first instruction of the prologue.
        if (frame.hasFramePointer) ok((rows[0] as number) <= frame.start + 4);
        if (frame.start > 0) late++;
      }
      ok(late > 0);
    });
  });
}

const fixture = new URL("../debug/fixtures/inlined_dwarf5.wasm", import.meta.url);

for (const backend of backends) {
  const { isa } = backend;

  Deno.test(`${isa.name}: gdb disassembles functions of both kinds of file by their names`, async () => {
    const module = await compileText(backend, everything);
    const symbol = module.code.symbols.find(({ name }) => name === "wasm[0]::function[8]")!;
    await withFolder(async (folder) => {
      for (const relocatable of [true, false]) {
        const path = `${folder}/x${relocatable ? ".o" : ""}`;
        await Deno.writeFile(path, await module.serialize({ relocatable }));
        for (const name of [symbol.name, "fibonacci", "wasm_export_fibonacci"]) {
          const text = await gdb(isa, path, `disassemble '${name}'`);
          if (text === undefined) return;
          deepStrictEqual(listed(text, "Dump of"), instructionsOf(module, isa, symbol));
        }
      }
    });
  });

  Deno.test(`${isa.name}: gdb knows the source lines of both kinds of file`, async () => {
    const module = Module.compile(new Engine(backend), await Deno.readFile(fixture));
    await withFolder(async (folder) => {
      for (const relocatable of [true, false]) {
        const path = `${folder}/x${relocatable ? ".o" : ".cwasm"}`;
        await Deno.writeFile(path, await module.serialize({ relocatable }));
        // In the second function, whose place is not that of the section.
        const text = await gdb(
          isa,
          path,
          "info line *('wasm[0]::function[1]' + 4)",
          "disassemble /s 'wasm[0]::function[1]'",
          "info line inlined.cc:25",
        );
        if (text === undefined) return;
        match(text, /^Line 19 of "\/src\/inlined.cc" starts at address .* and ends at /);
        match(text, /\n\/src\/inlined\.cc:\n[^]*\n20\t/);
        match(text, /\nLine 25 of "\/src\/inlined\.cc" starts at address .* <wasm_export_load/);
      }
      const headers = await runTool(isa, "readelf", "-aW", `${folder}/x.o`);
      match(headers ?? ".rela.debug_line", /\.rela\.debug_line/);
      const dump = await runTool(isa, "objdump", "-d", "-l", `${folder}/x.o`);
      match(dump ?? "/src/inlined.cc:25", /\/src\/inlined\.cc:25/);
    });
  });

  Deno.test(`${isa.name}: a linked program calls a module's functions, in the user's emulator`, async () => {
    const start = startCode[isa.name] as string;
    const module = await compileText(backend, everything);
    await withFolder(async (folder) => {
      const path = (name: string): string => `${folder}/${name}`;
      await Deno.writeFile(path("m.o"), await module.serialize({ relocatable: true }));
      await Deno.writeTextFile(path("start.s"), start);
      if (await runTool(isa, "as", path("start.s"), "-o", path("s.o")) === undefined) return;
      await runTool(isa, "ld", path("s.o"), path("m.o"), "-o", path("program"));
      const run = isa.name === "x64" && Deno.build.arch === "x86_64"
        ? await new Deno.Command(path("program")).output()
        : await startTool(isa, `qemu-${{ x64: "x86_64" }[isa.name] ?? isa.name}`, path("program"));
      if (run === undefined) return skip(`no qemu-user for ${isa.name}`);
      // fibonacci(13), as the exit status.
      strictEqual(run.code, 233);
    });
  });
}

/** Programs without a library: fibonacci(13) by the array convention is the exit status. */
const startCode: Readonly<Record<string, string>> = {
  x64: `
    .intel_syntax noprefix
    .globl _start
    _start:
      lea rdi, [rip + context]
      lea rsi, [rip + values]
      call wasm_array_fibonacci
      mov edi, [rip + values]
      mov eax, 60
      syscall
    .data
    .balign 16
    values: .quad 13, 0
    context: .zero 512
    .section .note.GNU-stack, "", @progbits
  `,
  aarch64: `
    .globl _start
    _start:
      ldr x0, =context
      ldr x1, =values
      bl wasm_array_fibonacci
      ldr x1, =values
      ldr w0, [x1]
      mov x8, #93
      svc #0
    .data
    .balign 16
    values: .quad 13, 0
    context: .zero 512
    .section .note.GNU-stack, "", %progbits
  `,
  riscv64: `
    .globl _start
    _start:
      la a0, context
      la a1, values
      call wasm_array_fibonacci
      la a1, values
      lw a0, 0(a1)
      li a7, 93
      ecall
    .data
    .balign 16
    values: .quad 13, 0
    context: .zero 512
    .section .note.GNU-stack, "", %progbits
  `,
};

Deno.test("gdb knows the source lines of a program that a module is linked into", async () => {
  const module = Module.compile(new Engine(x64), await Deno.readFile(fixture));
  await withFolder(async (folder) => {
    const path = (name: string): string => `${folder}/${name}`;
    await Deno.writeFile(path("x.o"), await module.serialize({ relocatable: true }));
    // Other code in front moves ours, and other debug information moves our line table.
    await Deno.writeTextFile(path("front.c"), "int front(int x) { return x * 3; }\n");
    const gcc = ["-g", "-c", path("front.c"), "-o", path("front.o")];
    if (await runTool(x64.isa, "gcc", ...gcc) === undefined) return;
    await runTool(x64.isa, "ld", "-e", "0", path("front.o"), path("x.o"), "-o", path("linked"));
    const text = await gdb(x64.isa, path("linked"), "info line *('wasm[0]::function[1]' + 1)");
    if (text === undefined) return;
    match(text, /^Line 19 of "\/src\/inlined.cc" starts at address .* and ends at /);
  });
});

/**
 * A C program that calls functions through both conventions, one of which reads a memory that the
 * program has laid out itself, as a kernel does.
 */
const harness = `
#include <stdint.h>
#include <stdio.h>
#include <string.h>
struct slot { uint64_t low, high; };
extern void array_fibonacci(void *vmctx, struct slot *values) __asm__("wasm_array_fibonacci");
extern uint32_t fibonacci(void *vmctx, uint32_t n) __asm__("wasm_export_fibonacci");
extern double area(void *vmctx, double radius) __asm__("wasm_export_area");
extern uint32_t load(void *vmctx, uint32_t address) __asm__("wasm_export_load");
extern uint32_t other_fibonacci(void *vmctx, uint32_t n) __asm__("wasm_export_second_fibonacci");
static uint64_t vmctx[64];
static uint8_t memory[65536];
int main(void) {
  struct slot values[1] = {{20, 0}};
  uint8_t *base = memory;
  memcpy((char *)vmctx + MEMORY, &base, sizeof base);
  memory[77] = 200;
  array_fibonacci(vmctx, values);
  printf("%u %u %.3f %u %u\\n", (unsigned)values[0].low, fibonacci(vmctx, 15), area(vmctx, 2.0),
         load(vmctx, 77), other_fibonacci(vmctx, 10));
  return 0;
}
`;

Deno.test("a C program links two modules and calls their functions natively", async () => {
  if (Deno.build.arch !== "x86_64" || Deno.build.os !== "linux") {
    return skip("not x86-64 Linux");
  }
  await withFolder(async (folder) => {
    const texts = [everything, everything.replaceAll('export "', 'export "second_')];
    let memory = 0;
    for (const [n, text] of texts.entries()) {
      const module = await compileText(x64, text);
      memory = module.translation.module.layout.memory(0);
      await Deno.writeFile(`${folder}/${n}.o`, await module.serialize({ relocatable: true }));
    }
    await Deno.writeTextFile(`${folder}/main.c`, harness);
    const program = `${folder}/program`;
    const args = [`-DMEMORY=${memory}`, "-O1", "main.c", "0.o", "1.o"].map((arg) =>
      arg.startsWith("-") ? arg : `${folder}/${arg}`
    );
    if (await runTool(x64.isa, "gcc", ...args, "-o", program) === undefined) return;
    const { stdout } = await new Deno.Command(program).output();
    strictEqual(new TextDecoder().decode(stdout), "6765 610 12.566 200 55\n");

    // Stops within wasm: gdb finds the way back to main by our unwind information, before the
    // prologue, at each of its steps, and where a path without a frame returns.
    const { code } = await compileText(x64, everything);
    const { frame } = code.symbolAt(code.functions[7]!.wasmFuncLoc.start)!;
    ok(frame.start > 0);
    const steps = 9;
    const commands = [
      "set debuginfod enabled off",
      "break *'wasm_export_fibonacci'",
      "run",
      "backtrace",
      ...Array.from({ length: steps }, () => ["stepi", "backtrace"]).flat(),
      "delete",
      `break *'wasm_export_fibonacci'+${frame.start - 1}`,
      "continue",
      "x/i $pc",
      "backtrace",
    ];
    const gdb = new Deno.Command("gdb", {
      args: ["-nx", "-batch", ...commands.flatMap((command) => ["-ex", command]), program],
    });
    let trace: string;
    try {
      trace = new TextDecoder().decode((await gdb.output()).stdout);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return skip("no gdb");
    }
    if (!/^#0/m.test(trace)) return skip("gdb may not start programs here");
    match(trace, /#0 .* in wasm_export_fibonacci \(\)\n/);
    const ways = trace.matchAll(/#\d+ .* in wasm_array_fibonacci \(\)\n#\d+ .* in main \(\)\n/g);
    strictEqual([...ways].length, steps + 2, trace);
    match(trace, /<wasm_export_fibonacci\+\d+>:\tret/);
  });
});

Deno.test("the address map takes as little as the documentation says", async () => {
  if (!hasShared("corpus")) return skip("no corpus");
  const path = `${SHARED}/corpus/regex/benchmark.wasm`;
  for (const backend of backends) {
    await withFolder(async (folder) => {
      const object = `${folder}/x.cwasm`;
      const made = await trapline("compile", "--target", backend.isa.name, path, "-o", object);
      strictEqual(made.status, 0, made.err);
      const { code } = await Module.deserialize(new Engine(backend), await Deno.readFile(object));
      const { out } = await trapline("inspect", "--size", object);
      const [, bytes, share] = /^\.trapline\.addrmap +(\d+) +([\d.]+)%$/m.exec(out) ?? [];
      const each = Number(bytes) / code.addressOffsets.length;
      ok(each < 1.6, `${each} bytes an entry on ${backend.isa.name}`);
      ok(Number(share) < 6.5, `${share} % of the file on ${backend.isa.name}`);
    });
  }
});
