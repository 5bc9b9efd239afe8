/**
 * Executes the run lines of a case in V8, with the imports that a case gets. Every function is called
 * through a wrapper that takes and gives floats and vectors as integers, because JavaScript loses the
 * payload of a NaN and knows no vectors.
 */
import { parse } from "wasm-tools";
import { trapLabel } from "../../lib/base/trap_kind.ts";
import { sumOf, valueOf } from "../../lib/snapshot/run_case.ts";
import type { RunLine } from "../../lib/snapshot/run_line.ts";
import { formatResult, isExpected, parseArgument, widthOf } from "../../lib/snapshot/run_value.ts";
import { translateModule } from "../../lib/translate/module.ts";
import type { WasmValue } from "../../lib/runtime/values.ts";
import {
  type ExternalType,
  type FunctionType,
  isReference,
  ValueType,
  valueTypeName,
} from "../../lib/wasm/types.ts";

/** V8's messages, by the trap that they mean. */
const messages: readonly (readonly [RegExp, string])[] = [
  [/^unreachable/, "unreachable"],
  [/^memory access out of bounds/, "memory-out-of-bounds"],
  [/^data segment out of bounds/, "memory-out-of-bounds"],
  [/^table (index|access) (is )?out of bounds/, "table-out-of-bounds"],
  [/^element segment out of bounds/, "table-out-of-bounds"],
  [/^divide by zero/, "integer-divide-by-zero"],
  [/^remainder by zero/, "integer-divide-by-zero"],
  [/^divide result unrepresentable/, "integer-overflow"],
  [/^null function$/, "uninitialized-element"],
  [/^function signature mismatch/, "indirect-call-type-mismatch"],
  [/^float unrepresentable in integer range/, "float-unrepresentable"],
  [/^Maximum call stack size exceeded/, "call-stack-exhausted"],
];
/** What V8 does not tell apart. */
const same: Readonly<Record<string, readonly string[]>> = {
  "float-unrepresentable": ["integer-overflow", "invalid-conversion-to-integer"],
  "table-out-of-bounds": ["table-out-of-bounds", "undefined-element"],
};

/** Returns what is wrong with the lines according to V8. */
export async function runInV8(
  bytes: Uint8Array<ArrayBuffer>,
  lines: readonly RunLine[],
): Promise<string[]> {
  const { module } = translateModule(bytes);
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module: from, name, type } of module.imports) {
    (imports[from] ??= {})[name] = importOf(type, module.types);
  }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  const problems: string[] = [];
  for (const line of lines) {
    const found = module.exports.find((e) => e.name === line.name && e.kind === "function");
    const declaration = found && module.functions[found.index];
    if (declaration === undefined) {
      problems.push(`${line.text}: no such function`);
      continue;
    }
    const type = module.types[declaration.typeIndex] as FunctionType;
    const call = await wrap(type, exports[line.name] as WebAssembly.ExportValue);
    const problem = runLine(line, type, call);
    if (problem !== undefined) problems.push(`${line.text}: ${problem}`);
  }
  return problems;
}

/** Takes bits and gives bits. */
type Call = (args: readonly bigint[]) => bigint[];

/** What stands for a value in a wrapper's type, how it becomes the value, and how it is taken apart. */
interface Passing {
  readonly types: readonly string[];
  readonly make: (...parts: string[]) => string;
  readonly take: (local: string) => readonly string[];
}
const passings: Readonly<Record<string, Passing>> = {
  f32: {
    types: ["i32"],
    make: (bits) => `(f32.reinterpret_i32 ${bits})`,
    take: (local) => [`(i32.reinterpret_f32 ${local})`],
  },
  f64: {
    types: ["i64"],
    make: (bits) => `(f64.reinterpret_i64 ${bits})`,
    take: (local) => [`(i64.reinterpret_f64 ${local})`],
  },
  v128: {
    types: ["i64", "i64"],
    make: (low, high) => `(i64x2.replace_lane 1 (i64x2.splat ${low}) ${high})`,
    take: (local) => [`(i64x2.extract_lane 0 ${local})`, `(i64x2.extract_lane 1 ${local})`],
  },
};
const asItIs = (type: string): Passing => ({
  types: [type],
  make: (value) => value as string,
  take: (local) => [local],
});

/** Links a wrapper to a function. */
async function wrap(
  { params, results }: FunctionType,
  func: WebAssembly.ExportValue,
): Promise<Call> {
  const names = (types: readonly ValueType[]): string[] => types.map(valueTypeName);
  const passing = (type: string): Passing => passings[type] ?? asItIs(type);
  const given = names(params).map(passing), taken = names(results).map(passing);
  let next = 0;
  const args = given.map(({ types, make }) => make(...types.map(() => `(local.get ${next++})`)));
  const locals = names(results).map((type) => `(local ${type})`).join(" ");
  const sets = results.map((_, n) => `(local.set ${next + results.length - 1 - n})`).join(" ");
  const gets = taken.flatMap(({ take }, n) => take(`(local.get ${next + n})`)).join(" ");
  const list = (of: readonly Passing[]): string => of.flatMap(({ types }) => types).join(" ");
  const text = `(module
    (import "m" "f" (func (param ${names(params).join(" ")}) (result ${names(results).join(" ")})))
    (func (export "call") (param ${list(given)}) (result ${list(taken)}) ${locals}
      (call 0 ${args.join(" ")}) ${sets} ${gets}))`;
  const module = new WebAssembly.Module(new Uint8Array(await parse(text)));
  const call = new WebAssembly.Instance(module, { m: { f: func as WebAssembly.ImportValue } })
    .exports["call"] as (...values: WasmValue[]) => WasmValue;
  return (bits) => {
    const values = bits.flatMap((value, n) => partsOf(params[n] as ValueType, value));
    const returned = call(...values);
    const parts: WasmValue[] = list(taken).split(" ").length > 1 ? returned : [returned];
    let at = 0;
    return results.map((type) => {
      const count = passing(valueTypeName(type)).types.length;
      at += count;
      return joined(type, parts.slice(at - count, at));
    });
  };
}

/** Bits as the wrapper's arguments. */
function partsOf(type: ValueType, bits: bigint): WasmValue[] {
  if (isReference(type)) return [null];
  if (type === ValueType.v128) return [BigInt.asIntN(64, bits), BigInt.asIntN(64, bits >> 64n)];
  return [widthOf(type) === 32 ? Number(BigInt.asIntN(32, bits)) : BigInt.asIntN(64, bits)];
}

function joined(type: ValueType, parts: readonly WasmValue[]): bigint {
  if (isReference(type)) return parts[0] === null ? 0n : 1n;
  if (type === ValueType.v128) {
    return BigInt.asUintN(64, parts[0]) | BigInt.asUintN(64, parts[1]) << 64n;
  }
  return BigInt.asUintN(widthOf(type), BigInt(parts[0]));
}

function runLine(
  { args, expected }: RunLine,
  { params, results }: FunctionType,
  call: Call,
): string | undefined {
  if (args.length !== params.length) return `${params.length} arguments expected`;
  const values = expected.kind === "trap" ? [] : expected.values;
  let actual: bigint[];
  try {
    actual = call(params.map((type, n) => parseArgument(type, args[n] as string)));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const label = messages.find(([pattern]) => pattern.test(message))?.[1];
    if (label === undefined || expected.kind !== "trap") return message;
    const wanted = trapLabel(expected.trap);
    return (same[label] ?? [label]).includes(wanted) ? undefined : `V8 traps ${label}`;
  }
  const shown = results.map((type, n) => formatResult(type, actual[n] as bigint, values[n]))
    .join(", ");
  if (expected.kind === "trap") return `V8 returns ${shown}`;
  const holds = values.length === results.length &&
    results.every((type, n) => isExpected(type, values[n] as string, actual[n] as bigint));
  return holds ? undefined : `V8 returns ${shown}`;
}

function importOf(type: ExternalType, types: readonly unknown[]): WebAssembly.ImportValue {
  switch (type.kind) {
    case "function": {
      const { params, results } = types[type.typeIndex] as FunctionType;
      return (...args: WasmValue[]): WasmValue => {
        const values = results.map((result) => valueOf(result, sumOf(params, args)));
        return results.length > 1 ? values : values[0];
      };
    }
    case "global": {
      const { type: value, mutable } = type.type;
      const descriptor = { value: valueTypeName(value) as WebAssembly.ValueType, mutable };
      return new WebAssembly.Global(descriptor, valueOf(value, 42));
    }
    case "memory": {
      const { minimum, maximum } = type.type.limits;
      return new WebAssembly.Memory({ initial: minimum, ...(maximum && { maximum }) });
    }
    case "table": {
      const { minimum, maximum } = type.type.limits;
      const element = type.type.element === ValueType.funcref ? "anyfunc" : "externref";
      return new WebAssembly.Table({
        element: element as WebAssembly.TableKind,
        initial: minimum,
        ...(maximum && { maximum }),
      });
    }
    case "tag":
      throw new Error("no case imports a tag");
  }
}
