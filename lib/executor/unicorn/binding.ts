/**
 * Unicorn's C interface: the functions that are used, with one declaration per shape of the variadic
 * `uc_ctl`, and the numbers that go with them. Nothing else in the tree knows a Unicorn constant,
 * except the machine descriptions of the backends.
 *
 * @module
 */
import { InternalError } from "../../base/errors.ts";

/**
 * Arguments that stand between the named ones of `uc_ctl` and its variadic ones. Everywhere but on
 * Apple's arm64 variadic arguments travel like named ones. There they go to the stack, so the
 * remaining six argument registers are filled with zeros.
 */
const VARIADIC_PADDING = Deno.build.os === "darwin" && Deno.build.arch === "aarch64" ? 6 : 0;
const padding: Deno.NativeType[] = new Array(VARIADIC_PADDING).fill("u64");
const zeros: number[] = new Array(VARIADIC_PADDING).fill(0);

/** What is called again and again. Deno makes machine code for each of these, which takes 0.2 ms. */
const frequent = {
  uc_emu_start: { parameters: ["pointer", "u64", "u64", "u64", "u64"], result: "i32" },
  uc_reg_read_batch: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "i32" },
  uc_reg_write_batch: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** What is called a few times, by its address. */
const rare = {
  uc_version: { parameters: ["buffer", "buffer"], result: "u32" },
  uc_strerror: { parameters: ["i32"], result: "pointer" },
  uc_open: { parameters: ["i32", "i32", "buffer"], result: "i32" },
  uc_close: { parameters: ["pointer"], result: "i32" },
  uc_ctl: { parameters: ["pointer", "u32", ...padding], result: "i32" },
  uc_ctl_value: { parameters: ["pointer", "u32", ...padding, "u64"], result: "i32" },
  uc_mem_map_ptr: { parameters: ["pointer", "u64", "u64", "u32", "pointer"], result: "i32" },
  uc_hook_add: {
    parameters: ["pointer", "buffer", "i32", "pointer", "pointer", "u64", "u64"],
    result: "i32",
  },
  uc_hook_del: { parameters: ["pointer", "usize"], result: "i32" },
} as const satisfies Record<string, Deno.ForeignFunction>;

const pointer = { type: "pointer" } as const;
const symbols = {
  ...frequent,
  uc_version: pointer,
  uc_strerror: pointer,
  uc_open: pointer,
  uc_close: pointer,
  uc_ctl: pointer,
  uc_mem_map_ptr: pointer,
  uc_hook_add: pointer,
  uc_hook_del: pointer,
  exitCheck: { name: "check_exit_request_x86_64", type: "pointer", optional: true },
  exitHelper0: { name: "helper_check_exit_request_x86_64", type: "pointer", optional: true },
  exitHelper1: { name: "helper_check_exit_request_aarch64", type: "pointer", optional: true },
  exitHelper2: { name: "helper_check_exit_request_riscv64", type: "pointer", optional: true },
} as const satisfies Deno.ForeignLibraryInterface;

/** A buffer that C code reads or writes. */
export type CBuffer = ArrayBufferView<ArrayBuffer> | null;

/** Unicorn's functions; a `number` is an error code unless stated otherwise. */
export interface UnicornSymbols {
  /** Gives the version, a byte per part from the highest. */
  uc_version(major: CBuffer, minor: CBuffer): number;
  /** Gives a C string. */
  uc_strerror(code: number): Deno.PointerValue;
  /** Writes the engine's address to `out`. */
  uc_open(architecture: number, mode: number, out: CBuffer): number;
  /** Frees an engine. */
  uc_close(engine: Engine): number;
  /** Sends a request with no argument. */
  uc_ctl(engine: Engine, request: number): number;
  /** Sends a request with one argument. */
  uc_ctl_value(engine: Engine, request: number, value: number): number;
  /** Maps host memory. */
  uc_mem_map_ptr(
    engine: Engine,
    address: bigint,
    byteLength: bigint,
    permissions: number,
    host: Deno.PointerValue,
  ): number;
  /** Runs; `until`, `timeout` and `count` of zero do not limit. */
  uc_emu_start(
    engine: Engine,
    begin: bigint,
    until: bigint,
    timeout: bigint,
    count: bigint,
  ): number;
  /** Reads registers to where `pointers` point. */
  uc_reg_read_batch(engine: Engine, ids: CBuffer, pointers: CBuffer, count: number): number;
  /** Writes registers from where `pointers` point. */
  uc_reg_write_batch(engine: Engine, ids: CBuffer, pointers: CBuffer, count: number): number;
  /** Installs a hook and writes its handle to `out`. */
  uc_hook_add(
    engine: Engine,
    out: CBuffer,
    kind: number,
    callback: Deno.PointerValue,
    user: Deno.PointerValue,
    begin: bigint,
    end: bigint,
  ): number;
  /** Removes a hook. */
  uc_hook_del(engine: Engine, handle: bigint): number;
}

/** A usable Unicorn library; it stays loaded as long as the process lives. */
export interface UnicornLibrary {
  /** Its functions. */
  readonly symbols: UnicornSymbols;
  /** The code that translates checks for a request to stop, see `exit_checks.ts`; null if unknown. */
  readonly exitCheck: Deno.PointerValue;
  /** What such checks call, for each architecture that a backend uses, see `block_checks.ts`. */
  readonly exitHelpers: readonly Deno.PointerValue[];
  /** Major, minor and patch level. */
  readonly version: readonly [number, number, number];
  /** What was given to the loader: a path, or a name that the system resolves. */
  readonly path: string;
  /** How it was found: `TRAPLINE_UNICORN`, `shipped`, `cache` or `system`. */
  readonly source: string;
}

/** A Unicorn engine: one emulated machine. */
export type Engine = NonNullable<Deno.PointerValue>;

/** Error codes that are told apart; the other names serve messages only. */
export const UcError = { ok: 0, insnInvalid: 10, exception: 21 } as const;

/** What `uc_ctl` is asked: the request's number, its direction and its number of arguments. */
export const UcControl = {
  pageSize: 0x44000001,
  cpuModel: 0x44000007,
  flushTranslations: 0x4000000a,
  flushTlb: 0x4000000b,
  tlbMode: 0x4400000c,
  translationBufferSize: 0x4400000d,
} as const;

/** The TLB mode in which every miss is answered by a hook. */
export const UC_TLB_VIRTUAL = 1;

/** Kinds of hook. */
export const UcHook = { block: 1 << 3, tlbFill: 1 << 17 } as const;

/** Permission bits, in a mapping and in the answer to a TLB miss. */
export const UcPermission = { read: 1, write: 2, execute: 4 } as const;

/** Kinds of access in a TLB miss. */
export const UcAccess = { read: 16, write: 17, fetch: 18 } as const;

/** A library as the loader gives it. */
export interface LoadedLibrary {
  /** Its functions. */
  readonly symbols: UnicornSymbols;
  /** See {@linkcode UnicornLibrary}. */
  readonly exitCheck: Deno.PointerValue;
  /** See {@linkcode UnicornLibrary}. */
  readonly exitHelpers: readonly Deno.PointerValue[];
  /** Major, minor and patch level. */
  readonly version: readonly [number, number, number];
  /** Unloads it; nothing of it may be used afterwards. */
  close(): void;
}

/** Loads the library; throws what the loader reports. */
export function load(path: string): LoadedLibrary {
  const library = Deno.dlopen(path, symbols);
  const { uc_emu_start, uc_reg_read_batch, uc_reg_write_batch, ...others } = library.symbols;
  const { exitCheck, exitHelper0, exitHelper1, exitHelper2, ...found } = others;
  const version = functionAt(found.uc_version, rare.uc_version);
  const open = functionAt(found.uc_open, rare.uc_open);
  const close = functionAt(found.uc_close, rare.uc_close);
  const text = functionAt(found.uc_strerror, rare.uc_strerror);
  const control = functionAt(found.uc_ctl, rare.uc_ctl);
  const controlValue = functionAt(found.uc_ctl, rare.uc_ctl_value);
  const map = functionAt(found.uc_mem_map_ptr, rare.uc_mem_map_ptr);
  const addHook = functionAt(found.uc_hook_add, rare.uc_hook_add);
  const removeHook = functionAt(found.uc_hook_del, rare.uc_hook_del);
  return {
    symbols: {
      uc_emu_start,
      uc_reg_read_batch,
      uc_reg_write_batch,
      uc_version: (major, minor) => version.call(major, minor),
      uc_strerror: (code) => text.call(code),
      uc_open: (architecture, mode, out) => open.call(architecture, mode, out),
      uc_close: (engine) => close.call(engine),
      uc_ctl: (engine, request) => control.call(engine, request, ...zeros),
      uc_ctl_value: (engine, request, value) =>
        controlValue.call(engine, request, ...zeros, BigInt(value)),
      uc_mem_map_ptr: (engine, address, byteLength, permissions, host) =>
        map.call(engine, address, byteLength, permissions, host),
      uc_hook_add: (engine, out, kind, callback, user, begin, end) =>
        addHook.call(engine, out, kind, callback, user, begin, end),
      uc_hook_del: (engine, handle) => removeHook.call(engine, handle),
    },
    exitCheck: exitCheck ?? null,
    exitHelpers: [exitHelper0 ?? null, exitHelper1 ?? null, exitHelper2 ?? null],
    version: versionParts(version.call(null, null)),
    close: () => library.close(),
  };
}

function functionAt<F extends Deno.ForeignFunction>(
  address: Deno.PointerValue,
  definition: F,
): Deno.UnsafeFnPointer<F> {
  return new Deno.UnsafeFnPointer(address as NonNullable<Deno.PointerValue<F>>, definition);
}

/**
 * The version of a library that {@linkcode load} refuses, perhaps because it is too old to have all
 * functions.
 * @throws what the loader reports, also when the library is not Unicorn
 */
export function probeVersion(path: string): readonly [number, number, number] {
  const library = Deno.dlopen(path, { uc_version: rare.uc_version });
  try {
    return versionParts(library.symbols.uc_version(null, null));
  } finally {
    library.close();
  }
}

function versionParts(version: number): readonly [number, number, number] {
  return [version >>> 24, (version >>> 16) & 0xff, (version >>> 8) & 0xff];
}

/** The text of an error code. */
export function errorText(uc: UnicornSymbols, code: number): string {
  const text = uc.uc_strerror(code);
  return text === null ? `error ${code}` : Deno.UnsafePointerView.getCString(text);
}

/** Throws {@linkcode InternalError} unless `code` says that `action` succeeded. */
export function check(uc: UnicornSymbols, code: number, action: string): void {
  if (code === UcError.ok) return;
  throw new InternalError(`Unicorn cannot ${action}: ${errorText(uc, code)}`);
}

/** Opens an engine of an architecture and mode (Unicorn's numbers). */
export function openEngine(uc: UnicornSymbols, architecture: number, mode: number): Engine {
  const out = new BigUint64Array(1);
  check(uc, uc.uc_open(architecture, mode, out), "open an engine");
  return Deno.UnsafePointer.create(out[0] as bigint) as Engine;
}

/** Sends a `uc_ctl` request with no argument. */
export function control(uc: UnicornSymbols, engine: Engine, request: number): void {
  check(uc, uc.uc_ctl(engine, request), `do request 0x${request.toString(16)}`);
}

/** Sends a `uc_ctl` request with one integer argument. */
export function controlValue(
  uc: UnicornSymbols,
  engine: Engine,
  request: number,
  value: number,
): void {
  const code = uc.uc_ctl_value(engine, request, value);
  check(uc, code, `set 0x${request.toString(16)} to ${value}`);
}

/** Installs a hook for every address and returns its handle. */
export function addHook(
  uc: UnicornSymbols,
  engine: Engine,
  hook: { kind: number; callback: Deno.PointerValue; user: Deno.PointerValue },
): bigint {
  const handle = new BigUint64Array(1);
  // A range that is empty (its begin above its end) stands for every address.
  const code = uc.uc_hook_add(engine, handle, hook.kind, hook.callback, hook.user, 1n, 0n);
  check(uc, code, "install a hook");
  return handle[0] as bigint;
}

/** Maps host memory at a guest address; length and address are multiples of the guest's page. */
export function mapHostMemory(
  uc: UnicornSymbols,
  engine: Engine,
  mapping: {
    address: number;
    byteLength: number;
    permissions: number;
    pointer: Deno.PointerValue;
  },
): void {
  const { address, byteLength, permissions, pointer } = mapping;
  const start = BigInt(address);
  const code = uc.uc_mem_map_ptr(engine, start, BigInt(byteLength), permissions, pointer);
  check(uc, code, `map 0x${byteLength.toString(16)} bytes at 0x${address.toString(16)}`);
}
