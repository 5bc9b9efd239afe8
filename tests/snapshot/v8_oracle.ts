/** Executes the run lines of a case in V8, with the imports that a case gets. */
import { trapLabel } from "../../lib/base/trap_kind.ts";
import { sumOf, valueOf } from "../../lib/snapshot/run_case.ts";
import { formatResult, isExpected, parseValue, type RunLine } from "../../lib/snapshot/run_line.ts";
import { translateModule } from "../../lib/translate/module.ts";
import type { WasmValue } from "../../lib/runtime/values.ts";
import {
  type ExternalType,
  type FunctionType,
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
export function runInV8(bytes: Uint8Array<ArrayBuffer>, lines: readonly RunLine[]): string[] {
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
    const { params, results } = module.types[declaration.typeIndex] as FunctionType;
    const func = exports[line.name] as (...args: WasmValue[]) => WasmValue;
    const problem = runLine(line, { params, results, func });
    if (problem !== undefined) problems.push(`${line.text}: ${problem}`);
  }
  return problems;
}

interface Callee {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly func: (...args: WasmValue[]) => WasmValue;
}

function runLine(
  { args, expected }: RunLine,
  { params, results, func }: Callee,
): string | undefined {
  if (args.length !== params.length) return `${params.length} arguments expected`;
  let actual: WasmValue[];
  try {
    const returned = func(...params.map((type, n) => parseValue(type, args[n] as string)));
    actual = results.length > 1 ? returned : results.length === 1 ? [returned] : [];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const label = messages.find(([pattern]) => pattern.test(message))?.[1];
    if (label === undefined || expected.kind !== "trap") return message;
    const wanted = trapLabel(expected.trap);
    return (same[label] ?? [label]).includes(wanted) ? undefined : `V8 traps ${label}`;
  }
  const shown = results.map((type, n) => formatResult(type, actual[n])).join(", ");
  if (expected.kind === "trap") return `V8 returns ${shown}`;
  const { values } = expected;
  const holds = values.length === results.length &&
    results.every((type, n) => isExpected(type, values[n] as string, actual[n]));
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
