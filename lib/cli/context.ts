/**
 * What commands need of targets: finding and loading one, an engine for it, and a store to execute in.
 *
 * @module
 */
import { UnicornExecutor } from "../executor/unicorn/executor.ts";
import { openUnicorn } from "../executor/unicorn/library.ts";
import type { Backend, RuntimeBackend, Target } from "../runtime/backend.ts";
import { Engine } from "../runtime/engine.ts";
import { Store } from "../runtime/store.ts";
import { type Environment, UsageError } from "./environment.ts";

/** Options of every command that executes code. */
export interface ExecutionOptions {
  readonly target?: string | undefined;
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

/**
 * The targets of `--target`, several names or triples separated by commas; all for `all`, and without
 * the option.
 * @throws UsageError for an unknown name
 */
export function selectTargets(
  environment: Environment,
  { target }: ExecutionOptions,
): readonly Target[] {
  const { targets } = environment;
  if (target === undefined || target === "all") return targets;
  const wanted = target.split(",").map((name) => selectTarget(environment, name));
  return targets.filter((known) => wanted.includes(known));
}

/** The backend of {@linkcode selectTarget}, with its compiler. */
export function loadBackend(environment: Environment, name?: string): Promise<Backend> {
  return selectTarget(environment, name).load();
}

/** An engine for a target. */
export function createEngine(backend: Backend, level: 0 | 1 = 1): Engine {
  return new Engine(backend, { level });
}

/** Opens a store that executes in the emulator. */
export async function openStore(
  engine: Engine,
  backend: RuntimeBackend,
  environment: Environment,
  options: ExecutionOptions = {},
): Promise<Store> {
  const library = await openUnicorn({
    offline: options.offline ?? false,
    report: (line) => environment.err(line + "\n"),
  });
  return new Store(engine, new UnicornExecutor(library, backend.machine));
}
