/**
 * Instantiation (WebAssembly spec, section 4.5.4): checks the imports, makes what the module
 * defines, fills in the vmctx, copies the active segments and calls the start function.
 *
 * @module
 */
import { assert } from "../base/errors.ts";
import type { FunctionLocation } from "../link/code_object.ts";
import {
  type ConstExpr,
  type ConstExprEnvironment,
  evaluateConstExpr,
} from "../translate/const_expr.ts";
import type { ElementItems } from "../translate/translated_module.ts";
import {
  VMCONTEXT_BUILTIN_GATE,
  VMCONTEXT_MAGIC,
  VMFuncRef,
  VMFunctionImport,
  VMMemoryImport,
  VMTableImport,
} from "../translate/vmctx.ts";
import type { GuestRecord } from "./arena.ts";
import { type Extern, Func, Global, Memory, Table } from "./externals.ts";
import { initMemory, initTable } from "./bulk.ts";
import { checkImport } from "./import_matching.ts";
import { Instance } from "./instance.ts";
import type { Module } from "./module.ts";
import type { Store } from "./store.ts";
import { LinkError, Trap, TrapSignal } from "./trap.ts";

/**
 * Instantiates a module.
 * @param imports one extern per import of the module, in order
 * @throws LinkError when an import does not match or a resource is not to be had, Trap when a
 * segment does not fit or the start function traps
 */
export function instantiate(
  store: Store,
  module: Module,
  imports: readonly Extern[],
): Instance {
  return new Instantiation(store, module, imports).run();
}

class Instantiation {
  #vmctx: GuestRecord;
  readonly #functions: Func[] = [];
  readonly #memories: Memory[] = [];
  readonly #tables: Table[] = [];
  readonly #globals: Global[] = [];
  readonly #environment: ConstExprEnvironment = {
    globalBits: (index) => (this.#globals[index] as Global).cell.getU128(0),
    functionReference: (index) => BigInt(this.#funcRefAddress(index)),
  };

  constructor(
    readonly store: Store,
    readonly module: Module,
    readonly imports: readonly Extern[],
  ) {
    this.#vmctx = store.arena.allocate(module.translation.module.layout.size);
  }

  run(): Instance {
    const { store, module } = this;
    const { layout, start } = module.translation.module;
    this.#takeImports();
    const codeBase = store.loadCode(module);
    this.#vmctx.setU32(0, VMCONTEXT_MAGIC);
    this.#vmctx.setAddress(VMCONTEXT_BUILTIN_GATE, store.executor.builtinGate);
    module.typeIds.forEach((id, n) => this.#vmctx.setU32(layout.typeId(n), id));
    this.#writeFunctions(codeBase);
    this.#makeMemories();
    this.#makeGlobals();
    this.#makeTables();

    const instance = new Instance({
      store,
      module,
      vmctx: this.#vmctx,
      memories: this.#memories,
      tables: this.#tables,
      globals: this.#globals,
      exports: this.#exports(),
    });
    store.addInstance(this.#vmctx.address, instance);
    try {
      this.#initTables(instance);
      this.#initMemories(instance);
    } catch (error) {
      if (!(error instanceof TrapSignal)) throw error;
      throw new Trap(error.kind, store.backtrace(), undefined, error.evidence);
    }
    if (start !== undefined) this.#function(start).call();
    return instance;
  }

  /** Sorts the imports into the index spaces. */
  #takeImports(): void {
    const { module, imports, store } = this;
    assert(
      imports.length === module.imports.length,
      () => `${module.imports.length} imports wanted, ${imports.length} given`,
    );
    imports.forEach((extern, n) => {
      const wanted = module.imports[n] as Module["imports"][number];
      checkImport(wanted, extern, store);
      if (extern instanceof Func) this.#functions.push(extern);
      else if (extern instanceof Memory) this.#memories.push(extern);
      else if (extern instanceof Table) this.#tables.push(extern);
      else this.#globals.push(extern);
    });
  }

  /** Fills in the records of imported functions and the references of those that escape. */
  #writeFunctions(codeBase: number): void {
    const { module, layout } = this.#translated;
    const vmctx = this.#vmctx;
    this.#functions.forEach((func, n) => {
      const record = vmctx.at(layout.importedFunction(n));
      record.setAddress(
        VMFunctionImport.wasmCall,
        func.record.getAddress(VMFuncRef.wasmCall),
      );
      record.setAddress(VMFunctionImport.vmctx, func.record.getAddress(VMFuncRef.vmctx));
      record.setAddress(VMFunctionImport.funcRef, func.record.address);
    });
    module.escapingFunctions.forEach((functionIndex, n) => {
      const declaration = module.functions[functionIndex] as typeof module.functions[number];
      const info = this.module.code.functions[functionIndex - module.importedFunctions];
      const trampoline = info?.arrayToWasmTrampoline as FunctionLocation;
      const record = vmctx.at(layout.funcRef(n));
      record.setAddress(VMFuncRef.wasmCall, codeBase + (info?.wasmFuncLoc.start as number));
      record.setAddress(VMFuncRef.arrayCall, codeBase + trampoline.start);
      record.setAddress(VMFuncRef.vmctx, vmctx.address);
      record.setU32(VMFuncRef.typeId, this.module.typeIds[declaration.typeIndex] as number);
    });
  }

  #makeMemories(): void {
    const { module, layout } = this.#translated;
    for (const { type } of module.memories.slice(module.importedMemories)) {
      this.#memories.push(this.#reserve("memory", () => Memory.create(this.store, type)));
    }
    this.#memories.forEach((memory, n) => {
      const record = this.#vmctx.at(layout.memory(n));
      record.setAddress(VMMemoryImport.base, memory.base);
      record.setAddress(VMMemoryImport.definition, memory.definition.address);
    });
  }

  #makeGlobals(): void {
    const { module, layout } = this.#translated;
    this.#globals.forEach((global, n) => {
      this.#vmctx.setAddress(layout.importedGlobal(n), global.cell.address);
    });
    module.globals.slice(module.importedGlobals).forEach(({ type, mutable, init }, n) => {
      const cell = this.#vmctx.at(layout.definedGlobal(n));
      cell.setU128(0, this.#evaluate(init as ConstExpr));
      this.#globals.push(new Global(this.store, { type, mutable }, cell));
    });
  }

  #makeTables(): void {
    const { module, layout } = this.#translated;
    for (const { type, init } of module.tables.slice(module.importedTables)) {
      const table = this.#reserve("table", () => new Table(this.store, type));
      if (init !== undefined) table.fill(0, table.length, this.#evaluate(init));
      this.#tables.push(table);
    }
    this.#tables.forEach((table, n) => {
      const record = this.#vmctx.at(layout.table(n));
      record.setAddress(VMTableImport.base, table.base);
      record.setAddress(VMTableImport.definition, table.definition.address);
    });
  }

  #initTables(instance: Instance): void {
    this.#translated.module.elements.forEach((segment, n) => {
      const references = segment.mode === "declarative" ? [] : this.#references(segment.items);
      instance.elements.push(references);
      if (segment.mode !== "active") return;
      const at = Number(this.#evaluate(segment.offset as ConstExpr));
      const table = { table: this.#tables[segment.table] as Table, index: segment.table };
      const content = { content: references, index: n };
      initTable(table, at, content, { start: 0, length: references.length });
      instance.elements[n] = [];
    });
  }

  #initMemories(instance: Instance): void {
    const { module } = this.#translated;
    const segments = module.data.map(({ start, end }) => module.bytes.subarray(start, end));
    instance.data.push(...segments);
    module.data.forEach((segment, n) => {
      if (segment.mode !== "active") return;
      const at = Number(this.#evaluate(segment.offset as ConstExpr));
      const bytes = segments[n] as Uint8Array;
      const memory = { memory: this.#memories[segment.memory] as Memory, index: segment.memory };
      const content = { content: bytes, index: n };
      initMemory(memory, at, content, { start: 0, length: bytes.length });
      instance.data[n] = new Uint8Array(0);
    });
  }

  #exports(): ReadonlyMap<string, Extern> {
    const exports = new Map<string, Extern>();
    for (const { name, kind, index } of this.#translated.module.exports) {
      const extern = kind === "function"
        ? this.#function(index, name)
        : kind === "memory"
        ? this.#memories[index]
        : kind === "table"
        ? this.#tables[index]
        : this.#globals[index];
      exports.set(name, extern as Extern);
    }
    return exports;
  }

  #references(items: ElementItems): bigint[] {
    return items.kind === "functions"
      ? Array.from(items.indices, (index) => BigInt(this.#funcRefAddress(index)))
      : items.expressions.map((expression) => this.#evaluate(expression));
  }

  /** The address of the `VMFuncRef` of a function that escapes. */
  #funcRefAddress(index: number): number {
    const { module, layout } = this.#translated;
    const imported = this.#functions[index];
    if (imported !== undefined) return imported.record.address;
    const { escapingIndex } = module.functions[index] as typeof module.functions[number];
    assert(escapingIndex >= 0, () => `function ${index} is referred to but does not escape`);
    return this.#vmctx.address + layout.funcRef(escapingIndex);
  }

  #function(index: number, name = ""): Func {
    const imported = this.#functions[index];
    if (imported !== undefined) return imported;
    const at = this.#funcRefAddress(index) - this.#vmctx.address;
    return this.store.functionAt(this.#vmctx.at(at), name);
  }

  #evaluate(expression: ConstExpr): bigint {
    return evaluateConstExpr(expression, this.#environment);
  }

  get #translated(): {
    module: Module["translation"]["module"];
    layout: Module["translation"]["module"]["layout"];
  } {
    const { module } = this.module.translation;
    return { module, layout: module.layout };
  }

  #reserve<T>(what: string, make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new LinkError(`Cannot instantiate module: no room for its ${what}: ${error.message}`);
    }
  }
}
