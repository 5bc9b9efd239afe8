/**
 * Which traps V8's messages stand for, and where wasm was when an error was made.
 *
 * V8 has fewer messages than the specification has traps, so a message may stand for several kinds.
 * The texts are those of V8's `message-template.h` (`kTrap…`): nothing else tells its traps apart.
 *
 * @module
 */
import { TrapKind } from "../base/trap_kind.ts";

const messages: readonly (readonly [RegExp, readonly TrapKind[]])[] = [
  [/^unreachable$/, [TrapKind.unreachable]],
  [/^memory access out of bounds$/, [TrapKind.memoryOutOfBounds]],
  [/^data segment (\d+ is )?out of bounds/, [TrapKind.memoryOutOfBounds]],
  [/^table index is out of bounds$/, [TrapKind.tableOutOfBounds, TrapKind.undefinedElement]],
  [/^element segment (\d+ is )?out of bounds/, [TrapKind.tableOutOfBounds]],
  [/^(divide|remainder) by zero$/, [TrapKind.integerDivideByZero]],
  [/^divide result unrepresentable$/, [TrapKind.integerOverflow]],
  [
    /^float unrepresentable in integer range$/,
    [TrapKind.integerOverflow, TrapKind.invalidConversionToInteger],
  ],
  [/^null function$/, [TrapKind.uninitializedElement]],
  [/^function signature mismatch$/, [TrapKind.indirectCallTypeMismatch]],
  [/^dereferencing a null pointer$/, [TrapKind.nullReference]],
];
const STACK_OVERFLOW = "Maximum call stack size exceeded";

/** The kinds of trap that an error of V8's may be; undefined for an error that is no trap. */
export function v8TrapKinds(error: unknown): readonly TrapKind[] | undefined {
  if (error instanceof RangeError && error.message === STACK_OVERFLOW) {
    return [TrapKind.callStackExhausted];
  }
  if (!(error instanceof WebAssembly.RuntimeError)) return undefined;
  const text = error.message.replace(/^WebAssembly\.\w+\(\): /, "");
  return messages.find(([pattern]) => pattern.test(text))?.[1];
}

/** Functions of V8's stack trace API, of which TypeScript knows nothing. */
interface StackTraceApi {
  prepareStackTrace?: unknown;
  stackTraceLimit: number;
}
const api = Error as unknown as StackTraceApi;
const DEPTH = 50;

/** Runs `use` so that errors made in it know the {@linkcode DEPTH} innermost functions. */
export function withDeepTraces<T>(use: () => T): T {
  const { stackTraceLimit } = api;
  api.stackTraceLimit = DEPTH;
  try {
    return use();
  } finally {
    api.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * Offsets in the module of the instructions that were executed when an error was made, innermost
 * first; its `stack` must not have been looked at. V8 says which functions they are in as well, but
 * not rightly where functions were inlined.
 */
export function wasmOffsets(error: Error): number[] {
  const { prepareStackTrace } = api;
  let sites: readonly unknown[] = [];
  // V8 calls it when the trace is first asked for. The file name of a wasm function is of its making.
  api.prepareStackTrace = (_error: Error, found: readonly unknown[]): string => {
    sites = found;
    return "";
  };
  try {
    void error.stack;
  } finally {
    api.prepareStackTrace = prepareStackTrace;
  }
  return sites.flatMap((site) => {
    const match = /wasm-function\[\d+\]:0x([0-9a-f]+)/.exec(String(site));
    return match === null ? [] : parseInt(match[1] as string, 16);
  });
}
