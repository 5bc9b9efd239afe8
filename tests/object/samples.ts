/** Modules for the tests of object files, compiled. */
import { parse } from "wasm-tools";
import type { Backend } from "../../lib/runtime/backend.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { Module } from "../../lib/runtime/module.ts";

/** A bit of everything that instantiation and code know. */
export const everything = `(module $everything
  (type $binary (func (param i32 i32) (result i32)))
  (import "host" "print" (func $print (param i32)))
  (memory (export "memory") 1 3)
  (table 4 funcref)
  (global $counter (mut i32) (i32.const 5))
  (global (export "answer") i64 (i64.const 42))
  (elem (i32.const 1) func $add $divide)
  (elem $later func $add)
  (data (i32.const 16) "active")
  (data $passive "passive")
  (func $add (export "add") (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func $divide (export "divide") (type $binary) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "apply") (param i32 i32 i32) (result i32)
    (call_indirect (type $binary) (local.get 1) (local.get 2) (local.get 0)))
  (func $area (export "area") (param f64) (result f64)
    (f64.mul (f64.const 3.14159265358979) (f64.mul (local.get 0) (local.get 0))))
  (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "init") (param i32)
    (memory.init $passive (local.get 0) (i32.const 0) (i32.const 7)))
  (func (export "count") (result i32)
    (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
    (call $print (global.get $counter))
    (global.get $counter))
  (func $fibonacci (export "fibonacci") (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add
        (call $fibonacci (i32.sub (local.get 0) (i32.const 1)))
        (call $fibonacci (i32.sub (local.get 0) (i32.const 2)))))))
  (func $empty)
  (func (export "grow") (result i32) (memory.grow (i32.const 1)))
  (start $empty))`;

/** Compiles the text of a module. */
export async function compileText(
  backend: Backend,
  text: string,
  level: 0 | 1 = 1,
): Promise<Module> {
  return Module.compile(new Engine(backend, { level }), new Uint8Array(await parse(text)));
}

/** A section of an ELF file, looked up without the code under test: for tests that edit files. */
export function findSection(file: Uint8Array, name: string): { offset: number; size: number } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const table = Number(view.getBigUint64(40, true)), count = view.getUint16(60, true);
  const header = (n: number): { name: number; offset: number; size: number } => ({
    name: view.getUint32(table + 64 * n, true),
    offset: Number(view.getBigUint64(table + 64 * n + 24, true)),
    size: Number(view.getBigUint64(table + 64 * n + 32, true)),
  });
  const names = header(view.getUint16(62, true));
  for (let n = 0; n < count; n++) {
    const section = header(n);
    const start = names.offset + section.name;
    const text = new TextDecoder().decode(file.subarray(start, file.indexOf(0, start)));
    if (text === name) return section;
  }
  throw new Error(`no section ${name}`);
}
