/** Compares translated functions with V8: same results, same traps, same memory. */
import { deepEqual, equal, fail } from "node:assert/strict";
import { parse } from "wasm-tools";
import { trapKindNames } from "../../lib/base/trap_kind.ts";
import { v8TrapKinds } from "../../lib/compare/v8_trap.ts";
import { Func } from "../../lib/ir/func.ts";
import { FunctionTranslator } from "../../lib/translate/function_translator.ts";
import { type ModuleTranslation, translateModule } from "../../lib/translate/module.ts";
import { type ValueType, ValueType as Types } from "../../lib/wasm/types.ts";
import { type HostFunction, Machine, MachineTrap } from "./function_machine.ts";

/** A value of JavaScript's WebAssembly API. */
export type Value = number | bigint;

/** Translates a module in the text format. */
export async function translateText(text: string): Promise<ModuleTranslation> {
  return translateModule(await parse(text));
}

/** Translates one defined function, by its position among them. */
export async function translateFunction(text: string, index = 0): Promise<Func> {
  const translation = await translateText(text), func = new Func();
  new FunctionTranslator(translation).translate(translation.functionBodies[index]!, func);
  return func;
}

/** Host functions and globals, once for V8 and once for the machine. */
export interface Imports {
  readonly v8: WebAssembly.Imports;
  readonly functions?: readonly HostFunction[];
  readonly globals?: readonly bigint[];
}

/**
 * Calls `name` with each list of arguments in turn, in V8 and in the machine, each with one instance
 * for all calls; compares results, traps and the memory exported as `memory`.
 */
export async function compare(
  text: string,
  name: string,
  calls: readonly (readonly Value[])[],
  imports: Imports = { v8: {} },
): Promise<Machine> {
  const translation = await translateText(text), { module } = translation;
  const machine = new Machine(translation, imports.functions, imports.globals);
  const compiled = new WebAssembly.Module(module.bytes as Uint8Array<ArrayBuffer>);
  const { exports } = new WebAssembly.Instance(compiled, imports.v8);
  const type = module.types[
    module.functions[module.exports.find((e) => e.name === name)!.index]!.typeIndex
  ]!;
  for (const args of calls) {
    const what = `${name}(${args.join(", ")})`;
    const actual = attempt(() => {
      const bits = machine.invoke(name, args.map((arg, i) => toBits(type.params[i]!, arg)));
      return bits.map((b, i) => fromBits(type.results[i]!, b));
    });
    const expected = attempt(() => {
      const given = (exports[name] as (...args: Value[]) => unknown)(...args);
      return Array.isArray(given) ? given as Value[] : given === undefined ? [] : [given as Value];
    });
    if (expected instanceof WebAssembly.RuntimeError) {
      if (!(actual instanceof MachineTrap)) fail(`${what} traps: ${expected.message}`);
      const kinds = v8TrapKinds(expected)?.map((kind) => trapKindNames[kind]) ?? [];
      equal(kinds.includes(actual.kind), true, `${what}: ${actual.kind}`);
    } else deepEqual(actual, expected, what);
    const memory = exports["memory"] as WebAssembly.Memory | undefined;
    if (memory) deepEqual(machine.heap(), new Uint8Array(memory.buffer), `memory after ${what}`);
  }
  return machine;
}

function attempt(
  run: () => Value[],
): Value[] | MachineTrap | WebAssembly.RuntimeError {
  try {
    return run();
  } catch (error) {
    if (error instanceof MachineTrap || error instanceof WebAssembly.RuntimeError) return error;
    throw error;
  }
}

const scratch = new DataView(new ArrayBuffer(8));

function toBits(type: ValueType, value: Value): bigint {
  scratch.setBigUint64(0, 0n, true);
  if (type === Types.f32) scratch.setFloat32(0, value as number, true);
  else if (type === Types.f64) scratch.setFloat64(0, value as number, true);
  else if (type === Types.i32) scratch.setInt32(0, value as number, true);
  else scratch.setBigInt64(0, value as bigint, true);
  return scratch.getBigUint64(0, true);
}

function fromBits(type: ValueType, bits: bigint): Value {
  scratch.setBigUint64(0, bits, true);
  if (type === Types.f32) return scratch.getFloat32(0, true);
  if (type === Types.f64) return scratch.getFloat64(0, true);
  return type === Types.i32 ? scratch.getInt32(0, true) : scratch.getBigInt64(0, true);
}
