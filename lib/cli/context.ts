/**
 * What commands need of targets: finding and loading one, an engine for it, and a store to execute in.
 *
 * @module
 */
import { unlisted } from "../base/unlisted.ts";
import { configureIsa } from "../codegen/features.ts";
import { UnicornExecutor } from "../executor/unicorn/executor.ts";
import { openUnicorn } from "../executor/unicorn/library.ts";
import type { Backend, RuntimeBackend, Target } from "../runtime/backend.ts";
import { Engine } from "../runtime/engine.ts";
import { Store } from "../runtime/store.ts";
import { type Environment, UsageError } from "./environment.ts";

/** Options of every command that executes code. */
export interface ExecutionOptions {
  readonly target?: string | undefined;
  /** CPU features to compile with: names separated by commas, with `+` or `-` before them. */
  readonly cpuFeatures?: string | undefined;
  readonly offline?: boolean | undefined;
}

/**
 * The target of this name or triple; without a name the machine's own, or the first.
 * @throws UsageError for an unknown name
 */
export function selectTarget({ targets }: Environment, name?: string): Target {
  if (name === undefined) {
    const own = Deno.build.arch === "aarch64" ? "aarch64" : "x64";
    return targets.find((target) => target.name === own) ?? targets[0] as Target;
  }
  const found = targets.find((target) => target.name === name || target.triple === name);
  if (found !== undefined) return found;
  const names = targets.map((target) => `${target.name} (${target.triple})`).join(", ");
  throw new UsageError(`unknown target "${name}"; the targets are ${names}`);
}

/** What stands for all targets. */
const ALL_TARGETS = "all";

/** Whether a choice of targets is one of several: `all`, or names with commas between them. */
export function namesSeveral(choice: string | undefined): boolean {
  return choice !== undefined && (choice === ALL_TARGETS || choice.includes(","));
}

/**
 * The targets that `all`, or names or triples with commas between them, stand for; without a choice
 * that of {@linkcode selectTarget}.
 * @throws UsageError for an unknown name
 */
export function selectTargets(environment: Environment, choice?: string): readonly Target[] {
  if (choice === undefined) return [selectTarget(environment)];
  if (choice === ALL_TARGETS) return environment.targets;
  return [...new Set(choice.split(",").map((name) => selectTarget(environment, name)))];
}

/**
 * The backend of {@linkcode selectTarget}, with its compiler and the CPU features that are asked for.
 * @throws UsageError for an unknown name, of a target or a feature
 */
export function loadBackend(
  environment: Environment,
  { target, cpuFeatures }: ExecutionOptions,
): Promise<Backend> {
  return loadConfigured(selectTarget(environment, target), cpuFeatures);
}

/** @throws UsageError for a CPU feature that the target does not have */
export async function loadConfigured(
  target: Target,
  cpuFeatures: string | undefined,
): Promise<Backend> {
  const backend = await target.load();
  if (cpuFeatures === undefined) return backend;
  try {
    return { ...backend, isa: configureIsa(backend.isa, cpuFeatures) };
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** An engine for a target. */
export function createEngine(backend: Backend, level: 0 | 1 = 1): Engine {
  return new Engine(backend, { level });
}

/** Opens a store that executes in the emulator, and when asked to can count what it executes. */
export async function openStore(
  engine: Engine,
  backend: RuntimeBackend,
  environment: Environment,
  options: ExecutionOptions & { readonly counts?: boolean } = {},
): Promise<Store> {
  const library = await openUnicorn({
    offline: options.offline ?? false,
    report: (line) => environment.err(line + "\n"),
  });
  const counter = options.counts ? (await loadCounter()).BlockCounter : undefined;
  return new Store(engine, new UnicornExecutor(library, backend.machine, { counter }));
}

async function loadCounter(): Promise<typeof import("../executor/unicorn/block_counter.ts")> {
  return await import(unlisted("../executor/unicorn/block_counter.ts"));
}
