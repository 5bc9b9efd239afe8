/**
 * What a store executes on. Nothing above this interface knows what is behind it: the first
 * implementation is the Unicorn emulator, another could run the host's own instruction set.
 *
 * Guest addresses are JavaScript numbers below 2^52.
 *
 * @module
 */

/** What a region of guest memory may be used for. */
export type Access = "execute" | "write";

/** A piece of guest memory that host and guest share. */
export interface Region {
  /** Guest address of its first byte, a multiple of 64 KiB. */
  readonly address: number;
  /** Its bytes; writes are visible to the guest at once. */
  readonly bytes: Uint8Array;
}

/** A linear memory, or anything else whose accessible length grows in place. */
export interface GrowableRegion {
  /** Guest address of its first byte; it never changes. */
  readonly address: number;
  /** Makes the first `byteLength` bytes accessible to the guest (never fewer than before). */
  setLength(byteLength: number): void;
}

/**
 * How a run of guest code ended, when it did not return. `pc`, `fp`, `sp` and `lr` are the machine's
 * registers at that point (`lr` is 0 on a machine without one).
 */
export interface Fault {
  /**
   * `memory`: an access that is not allowed, whose page is `address`; `instruction`: a trap or an
   * illegal instruction; `arithmetic`: a division fault of the machine.
   */
  readonly kind: "memory" | "instruction" | "arithmetic";
  /** Program counter: of the instruction, or the target of a jump that cannot be executed. */
  readonly pc: number;
  /** Frame pointer. */
  readonly fp: number;
  /** Stack pointer. */
  readonly sp: number;
  /** Link register, 0 where there is none. */
  readonly lr: number;
  /** First byte of the faulting page, -1 unless `kind` is `memory`. */
  readonly address: number;
  /** Bytes of a page of the machine's memory. */
  readonly pageBytes: number;
  /** Whether the address lies in the guard zone below the stack. */
  readonly inStackGuard: boolean;
  /** All general registers by name, in the machine's order, for reports. */
  readonly registers: ReadonlyMap<string, bigint>;
}

/** The registers a stack walk needs, at the point where the guest called the host. */
export interface CallSite {
  /** Program counter, in the gate. */
  readonly pc: number;
  /** Frame pointer. */
  readonly fp: number;
  /** Stack pointer. */
  readonly sp: number;
}

/** What the guest can call. Both get the address of an array of 16-byte slots. */
export interface HostCalls {
  /** A host function was called; `vmctx` is the guest address of its `VMHostContext`. */
  hostCall(vmctx: number, values: number): void;
  /** A builtin was called by the instance with this vmctx. */
  builtinCall(vmctx: number, values: number, builtin: number): void;
}

/** Runs guest code of one instruction set. */
export interface Executor {
  /**
   * The CPU features that code may use here: a bit each, in the numbering of the instruction set's
   * backend, which the machine was described with.
   */
  readonly featureBits: number;
  /** Address that an `arrayCall` field of a host function holds: entering it calls the host. */
  readonly hostGate: number;
  /** Address that the `builtinGate` field of a vmctx holds. */
  readonly builtinGate: number;
  /** The guest stack, highest address last; a guard zone lies below it. */
  readonly stack: { readonly address: number; readonly byteLength: number };

  /** Reserves `byteLength` bytes of zeroed guest memory. */
  allocate(byteLength: number, access: Access): Region;
  /**
   * Maps the backing store of a `WebAssembly.Memory` in a window of `windowBytes` guest addresses
   * (accesses beyond its current length fault); the caller keeps the memory alive.
   * @param maximumBytes the memory's declared maximum, which is what the host reserves for it; 4 GiB
   * when not given
   */
  mapMemory(
    memory: WebAssembly.Memory,
    windowBytes: number,
    maximumBytes?: number,
  ): GrowableRegion;
  /** The memory that holds a guest address, and the offset in it; for reading through pointers. */
  resolve(address: number): { bytes: Uint8Array; offset: number } | undefined;

  /**
   * Calls the array-convention function at `entry` with `(vmctx, values)` on the guest stack, below
   * the frames of the activations that are under way. May be called from within a host call. Returns
   * undefined when the function returned, else the fault that ended it; in that case, and when a
   * host call throws (the exception passes through), the registers that the calling convention
   * preserves and the stack pointer are again what they were before.
   */
  call(entry: number, vmctx: number, values: number, host: HostCalls): Fault | undefined;
  /** Where the guest stands in the innermost host call under way, for backtraces. */
  callSite(): CallSite | undefined;
  /**
   * Starts counting executed code from zero; may be called from within a host call. Only an executor
   * that was opened to count can.
   */
  startCounting(): void;
  /** Ends what `startCounting` began, and adds up the instructions of all executed blocks. */
  stopCounting(instructionsOf: InstructionsOf): ExecutionProfile;
  /** Frees everything; the executor must not be used again, nor closed during a call. */
  close(): void;
}

/** Counts of guest execution. */
export interface ExecutionCounter {
  /**
   * Guest instructions executed since the counter was started. As hardware counters have it, one
   * that faults was not executed.
   */
  readonly instructions: number;
}

/** A straight run of guest code and how often it was executed. */
export interface BlockCount {
  /** Guest address of its first instruction. */
  readonly address: number;
  /** Length of its code in bytes. */
  readonly byteLength: number;
  /** How often it was entered. */
  readonly count: number;
}

/** What was executed while counting: exact, and the same in every run. */
export interface ExecutionProfile extends ExecutionCounter {
  /**
   * Every executed block, by address; code that ran in different pieces is in several, and a block
   * that was left by a fault ends there.
   */
  readonly blocks: readonly BlockCount[];
}

/**
 * Gives the number of instructions in the `byteLength` bytes at a guest address, which are code that
 * was allocated; the executor counts its own stubs itself.
 */
export type InstructionsOf = (address: number, byteLength: number) => number;
