/**
 * Runs a generated module in V8, which is the oracle, and in Trapline, and says where they differ.
 */
import { TrapKind } from "../../lib/base/trap_kind.ts";
import { v8TrapKinds } from "../../lib/compare/v8_trap.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import type { Backend } from "../../lib/runtime/backend.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import type { Store } from "../../lib/runtime/store.ts";
import { Trap } from "../../lib/runtime/trap.ts";
import { createStore } from "../support/store.ts";
import { generateModule } from "./generate.ts";
import { Random } from "./random.ts";
import { type Shape, Type } from "./shape.ts";

/** How much fuel each call gets. */
const FUEL = 60;
/** How deep `env.enter` may call back. */
const MOST_ENTRIES = 5;
const CALLS_PER_FUNCTION = 3;

// deno-lint-ignore no-explicit-any -- values of any wasm type
type WasmValue = any;

/** A module that is instantiated somewhere, as this file needs it. */
interface Subject {
  call(name: string, args: readonly WasmValue[]): WasmValue[];
  getGlobal(index: number): WasmValue;
  setFuel(amount: number): void;
  memory(): Uint8Array;
  /** For each element of the table whether it is null. */
  nulls(): string;
  /** The class of a trap, undefined for another error. */
  trapClass(error: unknown): string | undefined;
}

/** What the host functions need to know, and the log of their calls. */
interface Host {
  subject: Subject | undefined;
  entries: number;
  log: string[];
}

type HostFunctions = Readonly<Record<string, (...args: WasmValue[]) => WasmValue>>;

/** The functions that the module imports; they depend on nothing but their arguments. */
function hostFunctions(host: Host): HostFunctions {
  return {
    log: (...args) => {
      const text = describe(args);
      host.log.push(text);
      return text.length * 0x1234567 | 0;
    },
    pair: (n) => [BigInt(n) * 0x1_0000_0001n, n / 8],
    enter: (n) => {
      host.log.push(`enter ${n}`);
      if (host.entries >= MOST_ENTRIES) return -1;
      host.entries++;
      try {
        return (host.subject as Subject).call("f0", [])[0];
      } finally {
        host.entries--;
      }
    },
  };
}

function describe(values: readonly WasmValue[]): string {
  return values.map((value) => Object.is(value, -0) ? "-0" : String(value)).join(" ");
}

/** The class of a trap: what V8 does not tell apart is one. */
const classes: ReadonlyMap<TrapKind, string> = new Map([
  [TrapKind.unreachable, "unreachable"],
  [TrapKind.integerDivideByZero, "divide by zero"],
  [TrapKind.integerOverflow, "overflow"],
  [TrapKind.invalidConversionToInteger, "overflow"],
  [TrapKind.memoryOutOfBounds, "memory"],
  [TrapKind.tableOutOfBounds, "table"],
  [TrapKind.undefinedElement, "table"],
  [TrapKind.uninitializedElement, "null function"],
  [TrapKind.indirectCallTypeMismatch, "signature"],
  [TrapKind.callStackExhausted, "exhausted"],
]);

function subjectInV8(bytes: Uint8Array<ArrayBuffer>, host: Host): Subject {
  const module = new WebAssembly.Module(bytes);
  const { exports } = new WebAssembly.Instance(module, { env: hostFunctions(host) });
  const table = exports["t"] as WebAssembly.Table;
  const global = (n: number): WebAssembly.Global => exports[`g${n}`] as WebAssembly.Global;
  return {
    call: (name, args) => {
      const result = (exports[name] as (...args: WasmValue[]) => WasmValue)(...args);
      return result === undefined ? [] : Array.isArray(result) ? result : [result];
    },
    getGlobal: (n) => global(n).value,
    setFuel: (amount) => void (global(0).value = amount),
    memory: () => new Uint8Array((exports["m"] as WebAssembly.Memory).buffer),
    nulls: () =>
      Array.from({ length: table.length }, (_, n) => table.get(n) === null ? "0" : "1").join(""),
    trapClass: (error) => {
      const kinds = v8TrapKinds(error);
      return kinds && classes.get(kinds[0] as TrapKind);
    },
  };
}

function subjectInStore(store: Store, module: Module, host: Host): Subject {
  const linker = new Linker(store);
  const functions = hostFunctions(host);
  linker.defineModule("env", (name, { functionType }) => {
    const implementation = functions[name];
    return implementation && functionType && store.hostFunction(functionType, implementation, name);
  });
  const instance = linker.instantiate(module);
  const table = instance.getTable("t");
  return {
    call: (name, args) => instance.getFunc(name)?.call(...args) as WasmValue[],
    getGlobal: (n) => instance.getGlobal(`g${n}`)?.get(),
    setFuel: (amount) => instance.getGlobal("g0")?.set(amount),
    memory: () => instance.getMemory("m")?.bytes as Uint8Array,
    nulls: () =>
      Array.from({ length: table?.length ?? 0 }, (_, n) => table?.get(n) === null ? "0" : "1")
        .join(""),
    trapClass: (error) => error instanceof Trap ? classes.get(error.kind) : undefined,
  };
}

/** FNV-1a over 32-bit words. */
function hash(bytes: Uint8Array): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let state = 0x811c9dc5 | 0;
  for (let n = 0; n < words.length; n++) state = Math.imul(state ^ (words[n] as number), 0x1000193);
  return state;
}

/** Everything that can be seen of one call of each function, several times over. */
function observe(seed: number, shape: Shape, subject: Subject, host: Host): string[] {
  const random = new Random(seed ^ 0x5eed);
  const lines: string[] = [];
  host.subject = subject;
  for (let n = 0; n < shape.functions.length - shape.importedFunctions; n++) {
    const { params } = shape.signatures[shape.functions[shape.importedFunctions + n] as number] as {
      params: readonly Type[];
    };
    for (let repetition = 0; repetition < CALLS_PER_FUNCTION; repetition++) {
      const args = params.map((type) => argument(type, random));
      subject.setFuel(FUEL);
      host.log = [];
      let outcome: string;
      try {
        outcome = describe(subject.call(`f${n}`, args));
      } catch (error) {
        const trap = subject.trapClass(error);
        if (trap === undefined) throw error;
        // Where the stack ends is not determined.
        if (trap === "exhausted") return lines;
        outcome = `trap: ${trap}`;
      }
      const globals = describe(shape.globals.map((_, g) => subject.getGlobal(g)));
      const memory = subject.memory();
      lines.push(
        `f${n}(${describe(args)}) = ${outcome}; log ${host.log.join(", ")}; globals ${globals}; ` +
          `memory ${memory.length} ${hash(memory)}; table ${subject.nulls()}`,
      );
    }
  }
  return lines;
}

function argument(type: Type, random: Random): WasmValue {
  switch (type) {
    case Type.i32:
      return Number(BigInt.asIntN(32, random.integer()));
    case Type.i64:
      return random.integer();
    default:
      return random.float(type === Type.f32);
  }
}

/** How often something happened, to see that the modules are worth running. */
export interface Statistics {
  calls: number;
  readonly traps: Map<string, number>;
}

/**
 * Compares one seed; returns what differs, undefined when nothing does.
 * @throws what the compiler throws
 */
export async function compareSeed(
  seed: number,
  backend: Backend,
  options: { readonly level?: 0 | 1; readonly statistics?: Statistics } = {},
): Promise<string | undefined> {
  const { bytes, shape } = generateModule(seed);
  const host: Host = { subject: undefined, entries: 0, log: [] };
  const expected = observe(seed, shape, subjectInV8(bytes, host), host);
  const engine = new Engine(backend, { level: options.level ?? 1, observer: { verify: true } });
  const module = Module.compile(engine, bytes);
  const store = await createStore(engine, backend);
  let found: string[];
  try {
    found = observe(seed, shape, subjectInStore(store, module, host), host);
  } finally {
    store.close();
  }
  const { statistics } = options;
  if (statistics) {
    statistics.calls += expected.length;
    for (const line of expected) {
      const trap = /= trap: ([^;]+);/.exec(line)?.[1];
      if (trap) statistics.traps.set(trap, (statistics.traps.get(trap) ?? 0) + 1);
    }
  }
  // Where one of them ran out of stack, only what was before can be compared.
  for (let n = 0; n < Math.min(expected.length, found.length); n++) {
    if (expected[n] !== found[n]) {
      return `seed ${seed}, ${backend.isa.name} -O${options.level ?? 1}, call ${n}\n` +
        `  expected ${expected[n]}\n  found    ${found[n]}`;
    }
  }
  return undefined;
}
