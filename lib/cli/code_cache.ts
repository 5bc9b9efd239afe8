/**
 * The cache of compiled code as the command line uses it, and `trapline cache`.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { unlisted } from "../base/unlisted.ts";
import { cacheDirectory } from "../host/cache_directory.ts";
import { sha256Hex } from "../base/sha256.ts";
import { CodeCache } from "../cache/code_cache.ts";
import { compilerIdentity } from "../cache/compiler_identity.ts";
import type { RuntimeBackend, Target } from "../runtime/backend.ts";
import { Engine } from "../runtime/engine.ts";
import { Module } from "../runtime/module.ts";
import { type Environment, Status, UsageError } from "./environment.ts";

/** Names the cache's directory. */
const DIRECTORY_VARIABLE = "TRAPLINE_CACHE";
/** Says how many megabytes (2^20 bytes) it keeps. */
const LIMIT_VARIABLE = "TRAPLINE_CACHE_MB";

/** The cache that the environment names, or the user's; undefined where there is no place for one. */
export function openCodeCache(): CodeCache | undefined {
  const parent = cacheDirectory();
  const directory = Deno.env.get(DIRECTORY_VARIABLE) || (parent && `${parent}/code`);
  if (!directory) return undefined;
  const limit = Deno.env.get(LIMIT_VARIABLE);
  if (limit === undefined) return new CodeCache(directory);
  if (!/^\d+$/.test(limit)) {
    throw new UsageError(`${LIMIT_VARIABLE} must be a number of megabytes, not "${limit}"`);
  }
  return new CodeCache(directory, Number(limit) * 2 ** 20);
}

/** What code is compiled from and how. */
export interface CachedCompilation {
  readonly target: Target;
  readonly bytes: Uint8Array;
  readonly level: 0 | 1;
  /** As the command line has it; see `ExecutionOptions`. */
  readonly cpuFeatures: string | undefined;
}

/** A module from the cache, with what runs it. */
export interface CachedModule {
  readonly engine: Engine;
  readonly backend: RuntimeBackend;
  readonly module: Module;
}

/** The place of one module's code in the cache. */
export class CacheSlot {
  private constructor(
    readonly cache: CodeCache,
    readonly key: string,
    readonly hash: string,
    readonly compilation: CachedCompilation,
  ) {}

  /** Finds the place. */
  static async of(cache: CodeCache, compilation: CachedCompilation): Promise<CacheSlot> {
    const { target, bytes, level, cpuFeatures = "" } = compilation;
    // The host hashes in another thread.
    const hashing = sha256Hex(bytes);
    const identity = compilerIdentity(target.name);
    const hash = await hashing;
    const key = await CodeCache.keyOf([
      hash,
      target.triple,
      `O${level}`,
      cpuFeatures,
      identity,
    ]);
    return new CacheSlot(cache, key, hash, compilation);
  }

  /** The module, undefined when its code is not there or is damaged. */
  async load(backend: RuntimeBackend): Promise<CachedModule | undefined> {
    const file = this.cache.read(this.key);
    if (file === undefined) return undefined;
    const { bytes, level } = this.compilation;
    const engine = new Engine(backend, { level });
    try {
      const module = await Module.deserializeCode(engine, file, { bytes, hash: this.hash });
      return { engine, backend, module };
    } catch (error) {
      if (error instanceof CompileError) return undefined;
      throw error;
    }
  }

  /** Keeps the code. */
  async store(module: Module): Promise<void> {
    await this.cache.write(this.key, await module.serialize({ codeOnly: true }));
  }
}

const megabytes = (size: number): string => `${(size / 2 ** 20).toFixed(1)} MB`;

/** `trapline cache`: says what is in the cache, or empties it. */
export async function manageCache(
  environment: Environment,
  { clear }: { readonly clear: boolean },
): Promise<number> {
  const cache = openCodeCache();
  if (cache === undefined) {
    environment.out("there is no cache: the environment names no directory for it\n");
    return Status.ok;
  }
  if (clear) await cache.clear();
  const { entries, bytes } = await cache.contents();
  environment.out(
    `${cache.directory}: ${entries} modules, ${megabytes(bytes)} of at most ` +
      `${megabytes(cache.limitBytes)}\n`,
  );
  // The user's own cache holds other things as well; one that was named holds code alone.
  const parent = cacheDirectory();
  if (cache.directory === `${parent}/code`) await manageUnpacked(environment, parent ?? "", clear);
  return Status.ok;
}

/** Says what other standalone programs have left, or deletes it. */
async function manageUnpacked(
  environment: Environment,
  directory: string,
  clear: boolean,
): Promise<void> {
  const { otherUnpackedPrograms } = await import(
    unlisted("../cache/unpacked_programs.ts")
  ) as typeof import("../cache/unpacked_programs.ts");
  if (clear) {
    for (const { path } of await otherUnpackedPrograms(directory)) {
      await Deno.remove(path, { recursive: true }).catch(() => {});
    }
  }
  for (const { path, bytes } of await otherUnpackedPrograms(directory)) {
    environment.out(`${path}: another standalone program, ${megabytes(bytes)}\n`);
  }
}
