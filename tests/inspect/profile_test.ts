/** Profiles: every executed instruction is in every sum, and reasons are what the compiler did. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { backends } from "../../backends/mod.ts";
import { profileProgram } from "../../lib/cli/bench/program.ts";
import { parseText as parseModule } from "../../lib/cli/text_format.ts";
import { CompileKind } from "../../lib/compile/compile_key.ts";
import {
  type ExecutedBlock,
  profileOf,
  type ReasonCounts,
} from "../../lib/inspect/profile/profile.ts";
import { type Reason, reasonsOf } from "../../lib/inspect/profile/reasons.ts";
import { type Role, roleOf } from "../../lib/inspect/profile/roles.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { Module } from "../../lib/runtime/module.ts";
import { codeLines, type ListingInput } from "../../lib/snapshot/code_lines.ts";
import { parseText } from "../../lib/snapshot/instruction_text.ts";
import { operatorNameAt } from "../../lib/snapshot/operator_names.ts";
import type { Backend } from "../../lib/runtime/backend.ts";
import { hasShared, SHARED } from "../suites/shared.ts";

const roles: Readonly<Record<string, Role>> = {
  "mov eax, ecx": "move",
  "mov rbp, rsp": "move",
  "mov eax, 3": "constant",
  "mov r9, [rsp+0x20]": "load",
  "mov [rbp-0x4c8], edx": "store",
  "mov [r14+rbx], ecx": "store",
  "add ecx, [rax+rsi+0x2c]": "load",
  "add dword ptr [r14+rbx], -0x40": "store",
  "cmp word ptr [r12+r14+0x3c], 0": "load",
  "lea ecx, [rdx-0x10000]": "compute",
  "xor ecx, ecx": "constant",
  "xor ecx, edx": "compute",
  "xorps xmm1, xmm1": "constant",
  "xchg rax, rcx": "move",
  "push [rbp-8]": "load",
  "pop [rbp-0x10]": "store",
  "cmp ecx, 1": "compare",
  "jne .L3": "conditional branch",
  "jmp .L3": "jump",
  "jmp rax": "indirect jump",
  "call wasm[0]::function[5]": "call",
  "ret": "return",
  "ud2": "trap",
  "mov x20, x0": "move",
  "mov w0, #3": "constant",
  "movk x2, #0xfefe, lsl #16": "constant",
  "fmov d0, d1": "move",
  "fmov d0, #16.0": "constant",
  "ldr w9, [x0, #4]": "load",
  "ldr d1, .D0": "constant",
  "ldp x29, x30, [sp], #0x50": "load",
  "stp x29, x30, [sp, #-0xb0]!": "store",
  "add x0, x21, x19": "compute",
  "csel w0, w1, w20, ne": "compute",
  "cmp w0, #1": "compare",
  "b.lt .L11": "conditional branch",
  "tbz w8, #0x1f, .L2": "conditional branch",
  "cbnz w8, .L1": "conditional branch",
  "b .L4": "jump",
  "br x3": "indirect jump",
  "bl wasm[0]::function[7]": "call",
  "blr x3": "call",
  "udf #5": "trap",
  "c.mv a0, s2": "move",
  "fsgnj.d fa0, fa1, fa1": "move",
  "fsgnj.d fa0, fa1, fa2": "compute",
  "c.li t6, 1": "constant",
  "addi a0, zero, 34": "constant",
  "addi a0, a1, 34": "compute",
  "c.lui a5, 0x10": "constant",
  "lw a1, 24(s6)": "load",
  "c.ldsp s1, 56(sp)": "load",
  "fld fa5, 94(t6)": "load",
  "sh a1, 62(s6)": "store",
  "c.sdsp ra, 168(sp)": "store",
  "sub a3, zero, a3": "compute",
  "sltu a3, zero, a4": "compute",
  "slli a4, s1, 32": "compute",
  "beq a4, t6, .L3": "conditional branch",
  "bltu a0, a5, .L1": "conditional branch",
  "c.beqz a4, .L0": "conditional branch",
  "c.j .L5": "jump",
  "c.jr a5": "indirect jump",
  "c.jr ra": "return",
  "jal ra, wasm[0]::function[7]": "call",
  "c.jalr a5": "call",
  "c.ebreak": "trap",
};

Deno.test("the role of an instruction is told from its text", () => {
  for (const [text, role] of Object.entries(roles)) {
    strictEqual(roleOf(parseText(text)).role, role, text);
  }
  deepStrictEqual(roleOf(parseText("stp x29, x30, [sp, #-0x20]!")).memory, {
    base: "sp",
    displacement: -32,
    isIndexed: false,
  });
});

function inputOf(backend: Backend, bytes: Uint8Array): { input: ListingInput; module: Module } {
  const module = Module.compile(new Engine(backend), bytes);
  const { code, translation } = module;
  return { input: { code, translation, isa: backend.isa }, module };
}

/** How many stack slots of each reason each function's code accesses, and what the allocator says. */
function slotAccesses(input: ListingInput): { told: unknown[]; counted: unknown[] } {
  const told: unknown[] = [], counted: unknown[] = [];
  for (const symbol of input.code.symbols) {
    if (symbol.key.kind !== CompileKind.wasmFunction) continue;
    const lines = codeLines(input, symbol).filter(({ isData }) => !isData);
    const operators = lines.map(({ location }) =>
      location === undefined || input.translation === undefined
        ? ""
        : operatorNameAt(input.translation, location)
    );
    const reasons = reasonsOf(lines, operators, symbol.frame);
    const count = (wanted: Reason): number =>
      lines.reduce(
        // One instruction may access two neighbours.
        (sum, { text }, n) => sum + (reasons[n] !== wanted ? 0 : /^(?:ld|st)p/.test(text) ? 2 : 1),
        0,
      );
    const { name, counts } = symbol;
    told.push({ name, spills: count("spill"), reloads: count("reload") });
    counted.push({ name, spills: counts.spills, reloads: counts.reloads });
  }
  return { told, counted };
}

for (const backend of backends) {
  Deno.test(`${backend.isa.name}: a prologue is frame code wherever it stands`, async () => {
    const bytes = await parseModule(
      `(module (func $f (param i32) (result i32)
        (if (i32.lt_u (local.get 0) (i32.const 2)) (then (return (i32.const 1))))
        (i32.mul (local.get 0) (call $f (i32.sub (local.get 0) (i32.const 1))))))`,
      "late.wat",
    );
    const { input } = inputOf(backend, bytes);
    const symbol = input.code.symbols[0]!, { start } = symbol.frame;
    ok(start > 0);
    const lines = codeLines(input, symbol).filter(({ isData }) => !isData);
    const reasons = reasonsOf(lines, lines.map(() => ""), symbol.frame);
    const before = reasons.filter((_, n) => lines[n]!.offset < start);
    deepStrictEqual(before.filter((reason) => reason === "frame"), ["frame"]);
    strictEqual(before.at(-1), "frame");
    const after = reasons.slice(before.length);
    ok(after.findIndex((reason) => reason !== "frame") >= 3, after.join(" "));
    ok(after.slice(-3).every((reason) => reason === "frame"), after.join(" "));
  });

  Deno.test({
    name: `${backend.isa.name}: spills and reloads told from the listing are the allocator's`,
    ignore: !hasShared("corpus"),
    fn: () => {
      for (
        const name of ["coremark/coremark-minimal", "bz2/benchmark", "blake3-scalar/benchmark"]
      ) {
        const bytes = Deno.readFileSync(`${SHARED}/corpus/${name}.wasm`);
        const { told, counted } = slotAccesses(inputOf(backend, bytes).input);
        ok(counted.length > 10);
        deepStrictEqual(told, counted, name);
      }
    },
  });
}

const program = `(module
  (memory (export "memory") 1)
  (table funcref (elem $twice))
  (global $g (mut i32) (i32.const 5))
  (type $unary (func (param i32) (result i32)))
  (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $sum (export "sum") (param $n i32) (result i32) (local $s i32)
    (loop $next
      (local.set $s (i32.add (local.get $s)
        (i32.load (i32.and (i32.shl (local.get $n) (i32.const 2)) (i32.const 0xfffc)))))
      (i32.store offset=64 (i32.const 0) (local.get $s))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func (export "run") (result i32)
    (global.set $g (i32.add (global.get $g) (i32.const 1)))
    (i32.div_u
      (call_indirect (type $unary) (call $sum (i32.const 100)) (i32.shr_u (global.get $g) (i32.const 9)))
      (global.get $g))))`;

const sumOf = (reasons: ReasonCounts): number =>
  [...reasons.values()].reduce((sum, count) => sum + count, 0);
const sum = (rows: readonly { readonly instructions: number }[]): number =>
  rows.reduce((all, { instructions }) => all + instructions, 0);

for (const backend of backends) {
  Deno.test(`${backend.isa.name}: every sum of a profile has every instruction`, async () => {
    const { input, module } = inputOf(backend, await parseModule(program, "profiled"));
    const environment = { targets: [], out: () => {}, err: () => {}, isTerminal: false };
    const machine = { environment, backend, options: {} };
    const execution = await profileProgram(machine, { module, file: "profiled.wat" });
    const profile = profileOf(input, execution);
    strictEqual(profile.instructions, execution.instructions);
    const inCode = profile.instructions - profile.stubInstructions;
    strictEqual(profile.stubInstructions, 1, "the one that leaves the emulator");
    strictEqual(sumOf(profile.reasons), inCode);
    strictEqual(sum(profile.functions), inCode);
    strictEqual(sum(profile.blocks), inCode);
    for (const { instructions, reasons, lines } of profile.functions) {
      strictEqual(sumOf(reasons), instructions);
      strictEqual(lines.reduce((all, { count }) => all + count, 0), instructions);
    }
    for (const { instructions, executions, lines } of profile.blocks) {
      strictEqual(instructions, executions * lines.length, "no block is left in the middle here");
    }
    const [hottest] = profile.functions;
    strictEqual(hottest?.name, "sum");
    strictEqual(hottest?.calls, 1);
    strictEqual(profile.blocks[0]?.executions, 100, "the loop");
    const operators = new Map(profile.operators.map((operator) => [operator.name, operator]));
    strictEqual(operators.get("i32.load")?.executions, 100);
    strictEqual(operators.get("i32.load")?.reasons.get("load"), 100);
    strictEqual(operators.get("i32.store")?.reasons.get("store"), 100);
    strictEqual(profile.reasons.get("load"), 100);
    strictEqual(profile.reasons.get("store"), 100);
    for (const reason of ["branch", "vmctx", "call", "frame", "trampoline"] as const) {
      ok(profile.reasons.has(reason), reason);
    }
    strictEqual(
      profile.reasons.get("branch"),
      100,
      "the loop's, and no check that leads to a trap",
    );
    ok((profile.reasons.get("trap check") as number) >= 2, "of the callee's signature");
  });
}

Deno.test("blocks that overlap add up", async () => {
  const [backend] = backends as [Backend];
  const { input } = inputOf(backend, await parseModule(program, "profiled"));
  const symbol = input.code.symbols.find(({ key }) => key.kind === CompileKind.wasmFunction);
  ok(symbol !== undefined);
  const { start } = symbol.location;
  const lines = codeLines(input, symbol).filter(({ isData }) => !isData);
  const [, second, third] = lines;
  ok(second !== undefined && third !== undefined);
  const blocks: ExecutedBlock[] = [
    { offset: start, byteLength: third.offset, count: 3 },
    { offset: start + second.offset, byteLength: second.bytes.length, count: 4 },
  ];
  const profile = profileOf(input, { instructions: 10, blocks });
  deepStrictEqual(profile.functions[0]?.lines.slice(0, 3).map(({ count }) => count), [3, 7, 0]);
  strictEqual(profile.stubInstructions, 0);
});
