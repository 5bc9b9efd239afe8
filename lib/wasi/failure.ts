/**
 * How a function of WASI fails: a {@linkcode Failure} is thrown wherever it is found and becomes
 * the `errno` that the program sees at the edge (`functions.ts`). It is no `Error`, because missing
 * files are everyday and a stack trace costs more than the call.
 *
 * @module
 */
import { Errno, type ErrnoName } from "./abi.ts";

/** Ends a WASI function with an error. */
export class Failure {
  /** @param errno a value of `Errno` */
  constructor(readonly errno: number) {}
}

/** Ends a WASI function with an error. */
export function fail(name: ErrnoName): never {
  throw new Failure(Errno[name]);
}

/** Names of errors that have no number of their own. */
const aliases: Readonly<Record<string, number>> = {
  wouldblock: Errno.again,
  opnotsupp: Errno.notsup,
};

/** The number of a POSIX error name, e.g. `ENOENT`; `io` for one that WASI does not have. */
export function errnoOfName(code: string): number {
  const name = code.slice(1).toLowerCase();
  return (Errno as Readonly<Record<string, number>>)[name] ?? aliases[name] ?? Errno.io;
}

/**
 * The number of what the host's functions throw: an error of the operating system carries its POSIX
 * name, a permission that Deno was not given is `acces`.
 * @returns undefined for anything else, which is a bug
 */
export function errnoOfError(error: unknown): number | undefined {
  if (error instanceof Failure) return error.errno;
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { readonly code?: unknown };
  if (typeof code === "string" && /^E[A-Z0-9]+$/.test(code)) return errnoOfName(code);
  return error instanceof Deno.errors.NotCapable ? Errno.acces : undefined;
}
