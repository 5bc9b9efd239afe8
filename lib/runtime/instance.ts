/**
 * An instance of a module: its vmctx in the guest, and the externs that it uses and exports.
 *
 * @module
 */
import type { GuestRecord } from "./arena.ts";
import { type Extern, Func, Global, Memory, Table } from "./externals.ts";
import type { Module } from "./module.ts";
import type { Store } from "./store.ts";

/** What {@linkcode Instance} is made from; indices are those of the module. */
export interface InstanceParts {
  readonly store: Store;
  readonly module: Module;
  readonly vmctx: GuestRecord;
  readonly memories: readonly Memory[];
  readonly tables: readonly Table[];
  readonly globals: readonly Global[];
  readonly exports: ReadonlyMap<string, Extern>;
}

/** A module that was given its imports. */
export class Instance {
  /** Where it lives. */
  readonly store: Store;
  /** What it is an instance of. */
  readonly module: Module;
  /**
   * The record that compiled code of this instance works on.
   * @internal
   */
  readonly vmctx: GuestRecord;
  /** By index, imported ones first. */
  readonly memories: readonly Memory[];
  /** By index, imported ones first. */
  readonly tables: readonly Table[];
  /** By index, imported ones first. */
  readonly globals: readonly Global[];
  /** By name, in the module's order. */
  readonly exports: ReadonlyMap<string, Extern>;
  /** The references of each element segment; empty once dropped. */
  readonly elements: (readonly bigint[])[] = [];
  /** The bytes of each data segment; empty once dropped. */
  readonly data: Uint8Array[] = [];

  /** Made by instantiation. */
  constructor(parts: InstanceParts) {
    this.store = parts.store;
    this.module = parts.module;
    this.vmctx = parts.vmctx;
    this.memories = parts.memories;
    this.tables = parts.tables;
    this.globals = parts.globals;
    this.exports = parts.exports;
  }

  /** The export of a name when it is a function. */
  getFunc(name: string): Func | undefined {
    const found = this.exports.get(name);
    return found instanceof Func ? found : undefined;
  }
  /** The export of a name when it is a memory. */
  getMemory(name: string): Memory | undefined {
    const found = this.exports.get(name);
    return found instanceof Memory ? found : undefined;
  }
  /** The export of a name when it is a table. */
  getTable(name: string): Table | undefined {
    const found = this.exports.get(name);
    return found instanceof Table ? found : undefined;
  }
  /** The export of a name when it is a global. */
  getGlobal(name: string): Global | undefined {
    const found = this.exports.get(name);
    return found instanceof Global ? found : undefined;
  }
}
