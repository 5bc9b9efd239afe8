/** Compiles large modules, and compares what they do with what V8 does. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { TrapKind } from "../../lib/base/trap_kind.ts";
import { CompileKind } from "../../lib/compile/compile_key.ts";
import type { Backend } from "../../lib/runtime/backend.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import { Trap } from "../../lib/runtime/trap.ts";
import { createStore } from "../support/store.ts";

/** Compiles a module; its code and allocation are not verified, which would take long. */
export function compileLarge(backend: Backend, bytes: Uint8Array): Module {
  return Module.compile(new Engine(backend), bytes);
}

/** How many calls of functions go through a veneer. */
export function countVeneers({ code, engine: { compilerIsa: isa } }: Module): number {
  let through = 0;
  for (const { location, relocations } of code.symbolsOfKind(CompileKind.wasmFunction)) {
    for (const { offset, kind, target } of relocations) {
      const at = location.start + offset, call = isa.disassemble(code.text, at);
      const to = code.functions[target >> 1]?.wasmFuncLoc.start as number;
      // What reaches anywhere is more than one instruction.
      if (isa.relocations[kind]?.size === call?.length && at + (call?.target ?? 0) !== to) {
        through++;
      }
    }
  }
  return through;
}

/**
 * Calls the first and the last function with depths up to `depth`, and makes them trap. The emulator
 * translates code as it is executed, so that running all of a large text takes long.
 */
export async function checkLarge(
  backend: Backend,
  module: Module,
  { bytes, depth }: { readonly bytes: Uint8Array<ArrayBuffer>; readonly depth: number },
): Promise<void> {
  const count = module.code.functions.length;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const store = await createStore(module.engine, backend);
  try {
    const instance = new Linker(store).instantiate(module);
    for (const index of new Set([0, count - 1])) {
      const name = `f${index}`, own = instance.getFunc(name);
      const v8 = exports[name] as (depth: number, x: number) => number;
      for (let d = 0; d <= depth; d++) {
        strictEqual(own?.call(d, 5)[0], v8(d, 5), `${name}(${d}, 5)`);
      }
      checkTrap(() => own?.call(depth, -1e9), () => v8(depth, -1e9));
    }
  } finally {
    store.close();
  }
}

/** Both overflow at the same instruction, called from the same places. */
function checkTrap(own: () => void, v8: () => void): void {
  const frames = v8Frames(v8);
  ok(frames.length > 0);
  try {
    own();
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    strictEqual(error.kind, TrapKind.integerOverflow);
    const own = error.frames.flatMap((frame) => frame.kind === "wasm" ? frame.wasmOffset : []);
    deepStrictEqual(own, frames);
    return;
  }
  throw new Error("it does not trap");
}

/** Places in the module of the calls on V8's stack; the indices beside them are wrong after inlining. */
function v8Frames(work: () => void): number[] {
  try {
    work();
  } catch (error) {
    const stack = (error as Error).stack ?? "";
    return [...stack.matchAll(/wasm-function\[\d+\]:(0x[0-9a-f]+)/g)].map(([, at]) => Number(at));
  }
  return [];
}
