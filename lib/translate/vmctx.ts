/**
 * The layout of what compiled code sees of an instance: the vmctx and the records it points to. All
 * targets are 64-bit and little-endian and share it. The translator emits loads and stores at these
 * offsets; the runtime fills them in.
 *
 * A vmctx is
 *
 *     0   magic u32 ("vmct"), u32 zero
 *     8   builtin gate u64: the array-convention function that all builtins enter
 *     16  type ids, u32 each: the engine-wide id of each type of the module, for signature checks
 *     ..  imported functions: VMFunctionImport { wasmCall, vmctx, funcRef }           24 bytes
 *     ..  imported globals: pointer to the 16-byte cell                                8 bytes
 *     ..  memories: VMMemoryImport { base, definition }                               16 bytes
 *     ..  tables: VMTableImport { base, definition }                                  16 bytes
 *     ..  defined globals: the cell itself                                            16 bytes
 *     ..  escaping defined functions: VMFuncRef                                       32 bytes
 *
 * The base of a memory or table never changes during its life (growth happens in place), so it
 * stands in every vmctx that uses it and loads of it are `readonly`; the current length stands in
 * the one definition record that all its users point to.
 *
 * @module
 */

/** What the first word of a vmctx says, to recognise one. */
export const VMCONTEXT_MAGIC = 0x74636d76;

/** `VMFuncRef`: what a `funcref` points to. A null reference is address 0. */
export const VMFuncRef = { wasmCall: 0, vmctx: 8, typeId: 16, arrayCall: 24, size: 32 } as const;
/** `VMFunctionImport`: an imported function. */
export const VMFunctionImport = { wasmCall: 0, vmctx: 8, funcRef: 16, size: 24 } as const;
/** `VMMemoryImport`: a memory as one instance sees it. `definition` -> `VMMemoryDefinition`. */
export const VMMemoryImport = { base: 0, definition: 8, size: 16 } as const;
/** `VMMemoryDefinition`: the current length in bytes, u64. */
export const VMMemoryDefinition = { length: 0, size: 8 } as const;
/** `VMTableImport`: a table as one instance sees it. Elements are 8-byte references. */
export const VMTableImport = { base: 0, definition: 8, size: 16 } as const;
/** `VMTableDefinition`: the current length in elements, u64. */
export const VMTableDefinition = { length: 0, size: 8 } as const;
/**
 * `VMHostContext`: what a host function gets as its vmctx: magic u32, host function index u32, and
 * the address of the host gate.
 */
export const VMHostContext = { magic: 0, index: 4, gate: 8, size: 16 } as const;
/** Offset in a vmctx of the builtin gate's address. */
export const VMCONTEXT_BUILTIN_GATE = 8;
/** What the first word of a `VMHostContext` says. */
export const VMHOSTCONTEXT_MAGIC = 0x74736f68;
/** Bytes of a global's cell, and of a slot of the array calling convention. */
export const SLOT_BYTES = 16;

/** What {@linkcode VMContextLayout} depends on. */
export interface VMContextCounts {
  readonly types: number;
  readonly importedFunctions: number;
  readonly importedGlobals: number;
  readonly memories: number;
  readonly tables: number;
  readonly definedGlobals: number;
  /** Defined functions that escape, numbered densely (`escapingIndex`). */
  readonly escapingFunctions: number;
}

/** Where everything stands in the vmctx of one module's instances. Offsets and sizes in bytes. */
export class VMContextLayout {
  /** Size of the whole vmctx. */
  readonly size: number;
  readonly #typeIds = 16;
  readonly #importedFunctions: number;
  readonly #importedGlobals: number;
  readonly #memories: number;
  readonly #tables: number;
  readonly #definedGlobals: number;
  readonly #funcRefs: number;

  constructor(counts: VMContextCounts) {
    let at = (this.#typeIds + 4 * counts.types + 15) & ~15;
    const place = (count: number, size: number): number => {
      const start = at;
      at += count * size;
      return start;
    };
    this.#memories = place(counts.memories, VMMemoryImport.size);
    this.#tables = place(counts.tables, VMTableImport.size);
    this.#definedGlobals = place(counts.definedGlobals, SLOT_BYTES);
    this.#importedFunctions = place(counts.importedFunctions, VMFunctionImport.size);
    this.#importedGlobals = place(counts.importedGlobals, 8);
    this.#funcRefs = place(counts.escapingFunctions, VMFuncRef.size);
    this.size = (at + 15) & ~15;
  }
  /** The u32 id of type `index`. */
  typeId(index: number): number {
    return this.#typeIds + 4 * index;
  }
  /** The `VMFunctionImport` of imported function `index`. */
  importedFunction(index: number): number {
    return this.#importedFunctions + VMFunctionImport.size * index;
  }
  /** The pointer to the cell of imported global `index`. */
  importedGlobal(index: number): number {
    return this.#importedGlobals + 8 * index;
  }
  /** The `VMMemoryImport` of memory `index`. */
  memory(index: number): number {
    return this.#memories + VMMemoryImport.size * index;
  }
  /** The `VMTableImport` of table `index`. */
  table(index: number): number {
    return this.#tables + VMTableImport.size * index;
  }
  /** The cell of the `index`-th *defined* global. */
  definedGlobal(index: number): number {
    return this.#definedGlobals + SLOT_BYTES * index;
  }
  /** The `VMFuncRef` of the `index`-th escaping defined function. */
  funcRef(index: number): number {
    return this.#funcRefs + VMFuncRef.size * index;
  }
}
