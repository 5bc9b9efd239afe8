/**
 * The host module `spectest` that spec scripts import from.
 *
 * @module
 */
import { Global, Memory, Table } from "../../runtime/externals.ts";
import type { Linker } from "../../runtime/linker.ts";
import { ValueType } from "../../wasm/types.ts";

const { i32, i64, f32, f64, funcref } = ValueType;

/** Defines `spectest` (spec interpreter, "Spectest host module"). */
export function defineSpectest(linker: Linker): void {
  const { store } = linker;
  const prints: Readonly<Record<string, readonly ValueType[]>> = {
    print: [],
    print_i32: [i32],
    print_i64: [i64],
    print_f32: [f32],
    print_f64: [f64],
    print_i32_f32: [i32, f32],
    print_f64_f64: [f64, f64],
  };
  for (const [name, params] of Object.entries(prints)) {
    const type = { kind: "function", params, results: [] } as const;
    linker.define("spectest", name, store.hostFunction(type, () => {}, `spectest.${name}`));
  }
  const globals = [["i32", i32, 666], ["i64", i64, 666n], ["f32", f32, 666.6], ["f64", f64, 666.6]];
  for (const [name, type, value] of globals as [string, ValueType, number | bigint][]) {
    const global = Global.create(store, { type, mutable: false }, value);
    linker.define("spectest", `global_${name}`, global);
  }
  const limits = { minimum: 10, maximum: 20 };
  const table = new Table(store, { element: funcref, limits, index64: false, shared: false });
  linker.define("spectest", "table", table);
  const memoryType = {
    limits: { minimum: 1, maximum: 2 },
    index64: false,
    shared: false,
    pageSizeLog2: 16,
  };
  linker.define("spectest", "memory", Memory.create(store, memoryType));
}
