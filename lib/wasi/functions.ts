/**
 * The functions of WASI as a module imports them: their types, and the edge where a `Failure`
 * becomes the number that is returned.
 *
 * @module
 */
import { unlisted } from "../base/unlisted.ts";
import { type FunctionType, ValueType } from "../wasm/types.ts";
import type { HostFunction } from "../runtime/store.ts";
import { type Abi, Errno, preview0, preview1 } from "./abi.ts";
import { environmentFunctions, type EnvironmentOptions } from "./environment.ts";
import { fail, Failure } from "./failure.ts";
import { fileFunctions } from "./files.ts";
import type { WasiFunction, WasiFunctions, WasiProcess } from "./process.ts";
import { transferFunctions } from "./transfers.ts";

/** Parameters by function: `i` is i32, `I` is i64. All return an `errno`, but for `proc_exit`. */
// deno-fmt-ignore: as a table
const parameters = {
  args_get: "ii", args_sizes_get: "ii", environ_get: "ii", environ_sizes_get: "ii",
  clock_res_get: "ii", clock_time_get: "iIi",
  fd_advise: "iIIi", fd_allocate: "iII", fd_close: "i", fd_datasync: "i", fd_fdstat_get: "ii",
  fd_fdstat_set_flags: "ii", fd_fdstat_set_rights: "iII", fd_filestat_get: "ii",
  fd_filestat_set_size: "iI", fd_filestat_set_times: "iIIi", fd_pread: "iiiIi",
  fd_prestat_get: "ii", fd_prestat_dir_name: "iii", fd_pwrite: "iiiIi", fd_read: "iiii",
  fd_readdir: "iiiIi", fd_renumber: "ii", fd_seek: "iIii", fd_sync: "i", fd_tell: "ii",
  fd_write: "iiii",
  path_create_directory: "iii", path_filestat_get: "iiiii", path_filestat_set_times: "iiiiIIi",
  path_link: "iiiiiii", path_open: "iiiiiIIii", path_readlink: "iiiiii",
  path_remove_directory: "iii", path_rename: "iiiiii", path_symlink: "iiiii",
  path_unlink_file: "iii",
  poll_oneoff: "iiii", proc_exit: "i", proc_raise: "i", sched_yield: "", random_get: "ii",
  sock_accept: "iii", sock_recv: "iiiiii", sock_send: "iiiii", sock_shutdown: "ii",
} as const;

/** The name of a function of WASI. */
export type FunctionName = keyof typeof parameters;

/** The names of all functions of preview 1; preview 0 has them but for `sock_accept`. */
export const functionNames = Object.keys(parameters) as readonly FunctionName[];

/** The modules that WASI's functions are imported from, and in what they differ. */
export const wasiModules: ReadonlyMap<string, Abi> = new Map([
  ["wasi_snapshot_preview1", preview1],
  ["wasi_unstable", preview0],
]);

/** Whether a module of that name has a function. */
export function isFunctionOf(abi: Abi, name: string): name is FunctionName {
  return Object.hasOwn(parameters, name) && !(abi === preview0 && name === "sock_accept");
}

/** The type of a function. */
export function typeOfFunction(name: FunctionName): FunctionType {
  return {
    kind: "function",
    params: [...parameters[name]].map((letter) => letter === "i" ? ValueType.i32 : ValueType.i64),
    results: name === "proc_exit" ? [] : [ValueType.i32],
  };
}

/** Makes some of a program's functions. */
export type MakeFunctions = (process: WasiProcess, abi: Abi) => WasiFunctions;

/** Modules that few programs need, by their functions. */
const lateModules: readonly {
  readonly names: readonly FunctionName[];
  readonly load: () => Promise<MakeFunctions>;
}[] = [
  {
    names: ["clock_res_get", "clock_time_get"],
    load: async () =>
      (await import(unlisted("./clocks.ts")) as typeof import("./clocks.ts")).clockFunctions,
  },
  {
    names: ["poll_oneoff"],
    load: async () =>
      (await import(unlisted("./poll.ts")) as typeof import("./poll.ts")).pollFunctions,
  },
  {
    names: ["sock_accept", "sock_recv", "sock_send", "sock_shutdown"],
    load: async () =>
      (await import(unlisted("./sockets.ts")) as typeof import("./sockets.ts")).socketFunctions,
  },
];

/** Loads what a program that imports these names needs; all when they are not known. */
export function loadLateFunctions(
  imported: ReadonlySet<string> | undefined,
): Promise<readonly MakeFunctions[]> {
  const needed = lateModules.filter(({ names }) =>
    imported === undefined || names.some((name) => imported.has(name))
  );
  return Promise.all(needed.map(({ load }) => load()));
}

/** The functions of a program, but for those of modules that were not loaded for it. */
export function makeFunctions(
  process: WasiProcess,
  abi: Abi,
  options: EnvironmentOptions & {
    readonly late: readonly MakeFunctions[];
    readonly directories: MakeFunctions | undefined;
  },
): WasiFunctions {
  const functions: Record<string, WasiFunction> = {
    ...environmentFunctions(process, options),
    ...transferFunctions(process),
    ...fileFunctions(process, abi),
  };
  for (const make of [...options.late, options.directories ?? absentDirectoryFunctions]) {
    Object.assign(functions, make(process, abi));
  }
  return functions;
}

/** A program without directories can only have taken another descriptor for one. */
function absentDirectoryFunctions({ descriptors }: WasiProcess): WasiFunctions {
  const refuse = (fd: number): never => {
    descriptors.get(fd);
    return fail("notdir");
  };
  const names = functionNames.filter((name) => name.startsWith("path_"));
  return {
    ...Object.fromEntries(names.map((name) => [name, refuse])),
    path_symlink: (_path: number, _length: number, fd: number) => refuse(fd),
    fd_readdir: refuse,
  };
}

/**
 * A function as the guest calls it: its `errno` is returned. What is no `Failure` passes through:
 * `Exit`, and bugs.
 */
export function atEdge(implementation: WasiFunction): HostFunction {
  return (a, b, c, d, e, f, g, h, i) => {
    try {
      implementation(a, b, c, d, e, f, g, h, i);
      return Errno.success;
    } catch (error) {
      if (error instanceof Failure) return error.errno;
      throw error;
    }
  };
}
