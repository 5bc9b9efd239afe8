/**
 * Runs compiled functions as a program of their own under QEMU's user emulation, which knows newer
 * extensions than Unicorn and checks the boxing of floats on RISC-V. Where the tools are not installed
 * nothing runs, and the caller says so.
 *
 * The program calls array-to-wasm trampolines one after the other with a vmctx and slots of its own,
 * and writes all slots to its standard output. There is no runtime: functions must not trap, call
 * imports or builtins.
 */
import type { DisassembledInstruction } from "../../lib/codegen/isa.ts";
import { type FoundSection, readElf } from "../../lib/object/elf_reader.ts";
import { SLOT_BYTES, VMCONTEXT_MAGIC, VMMemoryImport } from "../../lib/translate/vmctx.ts";
import type { Module } from "../../lib/runtime/module.ts";
import type { FunctionType } from "../../lib/wasm/types.ts";
import { ValueType } from "../../lib/wasm/types.ts";

/** A call of an exported function of numbers. */
export interface QemuCall {
  readonly name: string;
  readonly args: readonly (number | bigint)[];
}

/** How a program is run. */
export interface QemuOptions {
  /** QEMU's `-cpu`. */
  readonly cpu?: string;
  /** Changes an instruction before it is linked; `at` is its place in `text`. */
  readonly rewrite?: (text: Uint8Array, at: number) => void;
}

interface Machine {
  readonly prefix: string;
  readonly qemu: string;
  /** Calls each pair of function and slots between `table` and `table_end`, then writes the slots. */
  readonly start: string;
}

const machines: Readonly<Record<string, Machine>> = {
  riscv64: {
    prefix: "riscv64-linux-gnu-",
    qemu: "qemu-riscv64",
    start: `
      .option norelax
      la s1, vmctx
      la s2, table
      la s3, table_end
1:    ld t0, 0(s2)
      ld a1, 8(s2)
      mv a0, s1
      jalr t0
      addi s2, s2, 16
      bltu s2, s3, 1b
      li a0, 1
      la a1, slots
      la a2, slots_end
      sub a2, a2, a1
      li a7, 64
      ecall
      li a0, 0
      li a7, 93
      ecall`,
  },
  aarch64: {
    prefix: "aarch64-linux-gnu-",
    qemu: "qemu-aarch64",
    start: `
      ldr x19, =vmctx
      ldr x20, =table
      ldr x21, =table_end
1:    ldr x9, [x20]
      ldr x1, [x20, 8]
      mov x0, x19
      blr x9
      add x20, x20, 16
      cmp x20, x21
      b.lo 1b
      mov x0, 1
      ldr x1, =slots
      ldr x2, =slots_end
      sub x2, x2, x1
      mov x8, 64
      svc 0
      mov x0, 0
      mov x8, 93
      svc 0`,
  },
};

function isInstalled(command: string): boolean {
  try {
    return new Deno.Command(command, { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
}

/** Whether programs of an instruction set can be made and run here. */
export function hasQemu(isa: string): boolean {
  const machine = machines[isa];
  return machine !== undefined && isInstalled(machine.qemu) &&
    isInstalled(`${machine.prefix}as`) && isInstalled(`${machine.prefix}ld`);
}

/** Runs calls; gives the first result of each as a decimal integer, without sign for floats. */
export async function runInQemu(
  module: Module,
  calls: readonly QemuCall[],
  options: QemuOptions = {},
): Promise<string[]> {
  const { code, translation: { module: { exports, functions, types } } } = module;
  const machine = machines[code.target] as Machine;
  const typesOf = new Map(
    exports.filter(({ kind }) => kind === "function").map((e) => {
      return [e.name, types[functions[e.index]?.typeIndex ?? 0] as FunctionType];
    }),
  );
  const signatures = calls.map(({ name }) => typesOf.get(name) as FunctionType);
  let size = 0;
  const starts = signatures.map(({ params, results }) => {
    const at = size;
    size += SLOT_BYTES * Math.max(params.length, results.length, 1);
    return at;
  });
  const slots = new DataView(new ArrayBuffer(size));
  calls.forEach(({ args }, k) =>
    args.forEach((value, n) => {
      const bits = BigInt.asUintN(64, BigInt(value));
      slots.setBigUint64((starts[k] as number) + SLOT_BYTES * n, bits, true);
    })
  );
  const folder = await Deno.makeTempDir({ prefix: "trapline-qemu-" });
  try {
    const object = await module.serialize({ relocatable: true });
    if (options.rewrite !== undefined) rewriteText(module, object, options.rewrite);
    await Deno.writeFile(`${folder}/code.o`, object);
    await Deno.writeFile(`${folder}/slots.bin`, new Uint8Array(slots.buffer));
    await Deno.writeFile(`${folder}/memory.bin`, initialMemory(module));
    await Deno.writeTextFile(`${folder}/start.s`, program(module, machine, calls, starts));
    const run = async (command: string, ...args: string[]): Promise<Uint8Array> => {
      const { success, code, signal, stdout, stderr } = await new Deno.Command(command, {
        args,
        cwd: folder,
      }).output();
      if (success) return stdout;
      const reason = new TextDecoder().decode(stderr);
      throw new Error(`${command} failed with ${signal ?? code}: ${reason.slice(0, 2000)}`);
    };
    await run(`${machine.prefix}as`, "-o", "start.o", "start.s");
    await run(`${machine.prefix}ld`, "-o", "program", "start.o", "code.o");
    const cpu = options.cpu === undefined ? [] : ["-cpu", options.cpu];
    const written = await run(machine.qemu, ...cpu, "program");
    if (written.length !== size) throw new Error(`the program wrote ${written.length} bytes`);
    const results = new DataView(written.buffer, written.byteOffset, size);
    return signatures.map((type, k) => readResult(results, starts[k] as number, type));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Calls back with every instruction of the text in an object file. */
function rewriteText(
  { code, engine: { compilerIsa: isa } }: Module,
  object: Uint8Array,
  rewrite: (text: Uint8Array, at: number) => void,
): void {
  const { offset, bytes } = readElf(object).sections.get(".text") as FoundSection;
  const text = object.subarray(offset, offset + bytes.length);
  for (const { location: { start }, instructionBytes } of code.symbols) {
    for (let at = start; at < start + instructionBytes;) {
      const { length } = isa.disassemble(text, at) as DisassembledInstruction;
      rewrite(text, at);
      at += length;
    }
  }
}

function readResult(view: DataView, at: number, { results: [type] }: FunctionType): string {
  switch (type) {
    case ValueType.i32:
      return String(view.getInt32(at, true));
    case ValueType.f32:
      return String(view.getUint32(at, true));
    case ValueType.i64:
      return String(view.getBigInt64(at, true));
    default:
      return String(view.getBigUint64(at, true));
  }
}

function program(
  { translation: { module } }: Module,
  { start }: Machine,
  calls: readonly QemuCall[],
  starts: readonly number[],
): string {
  const { layout, memories, globals } = module;
  const cells = Array.from({ length: layout.size / 8 }, () => "0");
  cells[0] = String(VMCONTEXT_MAGIC);
  if (memories.length > 0) {
    cells[(layout.memory(0) + VMMemoryImport.base) / 8] = "memory";
    cells[(layout.memory(0) + VMMemoryImport.definition) / 8] = "memory_length";
  }
  globals.forEach(({ init }, n) => {
    const value = init?.ops[0];
    if (value?.op === "const") cells[layout.definedGlobal(n) / 8] = String(value.bits);
  });
  const table = calls.map(({ name }, k) => `.dword "wasm_array_${name}", slots + ${starts[k]}`);
  return `
    .globl _start
    .text
_start:${start}
    .data
    .balign 16
vmctx: .dword ${cells.join(", ")}
memory_length: .dword memory_end - memory
table: ${table.join("\n")}
table_end:
    .balign 16
slots: .incbin "slots.bin"
slots_end:
    .balign 4096
memory: .incbin "memory.bin"
memory_end:
`;
}

/** The memory that instantiation in V8 gives; it must be exported. */
function initialMemory({ translation: { module } }: Module): Uint8Array {
  if (module.memories.length === 0) return new Uint8Array(16);
  const bytes = module.bytes as Uint8Array<ArrayBuffer>;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return new Uint8Array((exports["memory"] as WebAssembly.Memory).buffer);
}
