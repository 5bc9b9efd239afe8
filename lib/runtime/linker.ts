/**
 * Finds the imports of modules by name.
 *
 * @module
 */
import { TrapKind } from "../base/trap_kind.ts";
import type { FunctionType } from "../wasm/types.ts";
import type { Extern } from "./externals.ts";
import type { Instance } from "./instance.ts";
import { instantiate } from "./instantiate.ts";
import type { ImportDescription, Module } from "./module.ts";
import type { HostFunction, Store } from "./store.ts";
import { LinkError, Trap } from "./trap.ts";
import { defaultValue } from "./values.ts";

/** What becomes of a function import that nothing provides. */
export type UnknownImports = "error" | "trap" | "default";

/**
 * What host functions are given to: a {@linkcode Linker}, or its like for another engine, which makes
 * something else of them.
 */
export interface HostFunctionLinker<F> {
  /** Makes functions of the host callable. */
  readonly store: {
    hostFunction(type: FunctionType, implementation: HostFunction, name?: string): F;
  };
  /** Provides the imports from `module` as they are asked for. */
  defineModule(
    module: string,
    provide: (name: string, wanted: ImportDescription) => F | undefined,
  ): unknown;
}

/** Names for the externs that modules may import. */
export class Linker implements HostFunctionLinker<Extern> {
  readonly #definitions = new Map<string, Extern>();
  readonly #lazy = new Map<
    string,
    (name: string, wanted: ImportDescription) => Extern | undefined
  >();

  /** A linker without definitions; what it links lives in `store`. */
  constructor(readonly store: Store) {}

  /** Gives an extern the name `module`.`name`; a later definition replaces an earlier one. */
  define(module: string, name: string, value: Extern): this {
    this.#definitions.set(keyOf(module, name), value);
    return this;
  }
  /** Defines every export of an instance under `module`. */
  defineInstance(module: string, instance: Instance): this {
    for (const [name, value] of instance.exports) this.define(module, name, value);
    return this;
  }
  /** Provides the imports from `module` as they are asked for. */
  defineModule(
    module: string,
    provide: (name: string, wanted: ImportDescription) => Extern | undefined,
  ): this {
    this.#lazy.set(module, provide);
    return this;
  }
  /** The extern of a name. */
  get(module: string, name: string): Extern | undefined {
    return this.#definitions.get(keyOf(module, name));
  }

  /**
   * Instantiates a module with what is defined.
   * @throws LinkError for an import that is missing or of the wrong type, Trap from the start
   * function or from segments
   */
  instantiate(module: Module, unknown: UnknownImports = "error"): Instance {
    const imports = module.imports.map((wanted) => {
      const found = this.get(wanted.module, wanted.name) ??
        this.#lazy.get(wanted.module)?.(wanted.name, wanted) ?? this.#substitute(wanted, unknown);
      if (found !== undefined) return found;
      throw new LinkError(
        `unknown import: Cannot instantiate module: nothing provides the ${wanted.type.kind} ` +
          `"${wanted.module}" "${wanted.name}"`,
      );
    });
    return instantiate(this.store, module, imports);
  }

  #substitute(wanted: ImportDescription, unknown: UnknownImports): Extern | undefined {
    if (unknown === "error" || wanted.functionType === undefined) return undefined;
    const { functionType } = wanted;
    const name = `${wanted.module}.${wanted.name}`;
    return this.store.hostFunction(functionType, () => {
      if (unknown === "trap") throw new Trap(TrapKind.unreachable, this.store.backtrace());
      const values = functionType.results.map(defaultValue);
      return values.length === 1 ? values[0] : values;
    }, name);
  }
}

function keyOf(module: string, name: string): string {
  return `${module.length}:${module}${name}`;
}
