/**
 * The executor that runs guest code in a Unicorn engine.
 *
 * Runs have no end address: guest code leaves through a stop instruction in a stub, which costs no re-translation. No
 * hook is needed for faults: the engine's pc is exact after an error.
 *
 * Calls nest without nesting the emulator: a host call happens after the engine has stopped, and a
 * call within it starts the engine anew further down the guest stack. Each nested activation saves
 * the registers that it owes to the one around it before it touches any. Restoring them may itself
 * fail when the host's stack is exhausted; therefore every activation checks, when control comes
 * back to it from the host, that the ones within it are gone, and restores for them if they are not.
 *
 * @module
 */
import { InternalError } from "../../base/errors.ts";
import type {
  Access,
  CallSite,
  ExecutionProfile,
  Executor,
  Fault,
  GrowableRegion,
  HostCalls,
  InstructionsOf,
  Region,
} from "../executor.ts";
import { AddressLayout, REGION_ALIGNMENT, roundUpToRegion, stackStart } from "./address_space.ts";
import * as binding from "./binding.ts";
import { disableBlockChecks } from "./block_checks.ts";
import type { BlockCounter } from "./block_counter.ts";
import { disableExitChecks } from "./exit_checks.ts";
import { GuestMemory } from "./guest_memory.ts";
import type { EmulatedMachine, MachineRegister } from "./machine.ts";
import { RegisterBatch } from "./registers.ts";

/** Limits of an executor. */
export interface UnicornExecutorOptions {
  /** Size of the guest stack, rounded up to 64 KiB; 1 MiB by default. */
  readonly stackBytes?: number;
  /** Size of the cache of translated code, in bytes of host memory. */
  readonly translationBytes?: number;
  /** What counts executed code; without it nothing can be counted, and few programs are. */
  readonly counter?: typeof BlockCounter | undefined;
}

const DEFAULT_STACK_BYTES = 1 << 20;
const DEFAULT_TRANSLATION_BYTES = 64 << 20;
/** Distance between the stubs in the first code region. */
const STUB_BYTES = 16;

// Cells of the batch that is read after every run.
const EXIT_PC = 0;
const EXIT_SP = 1;
const EXIT_FP = 2;
const EXIT_PARAM = 3;

/** Values kept per activation for {@linkcode UnicornExecutor.callSite}. */
const SITE_CELLS = 3;

/** Bytes of a page where the machine does not say otherwise. */
const DEFAULT_PAGE_BYTES = 4096;

/** Executes on Unicorn; see the module's comment. */
export class UnicornExecutor implements Executor {
  readonly featureBits: number;
  readonly hostGate: number;
  readonly builtinGate: number;
  readonly stack: { readonly address: number; readonly byteLength: number };

  readonly #machine: EmulatedMachine;
  readonly #uc: binding.UnicornSymbols;
  readonly #engine: binding.Engine;
  readonly #memory: GuestMemory;
  readonly #stackView: DataView;
  readonly #exitStub: number;

  /** pc, sp, fp, parameters: what the host must know when a run ends. */
  readonly #exit: RegisterBatch;
  /** Parameters, sp, lr where there is one, and last the fp: what a run starts with. */
  readonly #entry: RegisterBatch;
  /** sp, lr where there is one, and the preserved registers: what an activation owes the outer one. */
  readonly #owed: RegisterBatch;
  readonly #general: RegisterBatch;

  /** How many activations are under way. */
  #depth = 0;
  /** The owed registers of the activations below `#depth`, by depth. */
  #saved = new BigUint64Array(0);
  /** pc, fp, sp at the host call of each activation, by depth. */
  #sites = new Float64Array(16 * SITE_CELLS);
  readonly #newCounter: typeof BlockCounter | undefined;
  #counter: BlockCounter | undefined;
  /** How the last run ended. */
  #error = 0;
  #isClosed = false;

  /** Opens an engine for `machine`; {@linkcode close} frees it. */
  constructor(
    library: binding.UnicornLibrary,
    machine: EmulatedMachine,
    options: UnicornExecutorOptions = {},
  ) {
    this.#machine = machine;
    this.#newCounter = options.counter;
    this.featureBits = machine.featureBits;
    const uc = this.#uc = library.symbols;
    const engine = this.#engine = binding.openEngine(uc, machine.architecture, machine.mode);
    this.#configure(options);
    disableExitChecks(library, engine);
    this.#memory = new GuestMemory(uc, engine);
    this.#writeInitialRegisters();

    const { pc, sp, fp, lr, params } = machine;
    const link = lr === undefined ? [] : [lr];
    this.#exit = new RegisterBatch(uc, engine, [pc, sp, fp, ...params]);
    this.#entry = new RegisterBatch(uc, engine, [params[0], params[1], sp, ...link, fp]);
    this.#owed = new RegisterBatch(uc, engine, [sp, ...link, ...machine.preserved]);
    this.#general = new RegisterBatch(uc, engine, machine.registers.map(({ id }) => id));

    const stackBytes = roundUpToRegion(options.stackBytes ?? DEFAULT_STACK_BYTES);
    const stack = this.#memory.map(stackStart(stackBytes), stackBytes, "write");
    this.stack = { address: stack.address, byteLength: stackBytes };
    this.#stackView = new DataView(stack.bytes.buffer, stack.bytes.byteOffset, stackBytes);

    // The engine has its translator since memory was mapped.
    disableBlockChecks(library, engine);

    // The first code: what is counted begins here.
    const stubs = this.allocate(REGION_ALIGNMENT, "execute");
    const gate = [...machine.stop, ...machine.return];
    stubs.bytes.set(machine.stop);
    stubs.bytes.set(gate, STUB_BYTES);
    stubs.bytes.set(gate, 2 * STUB_BYTES);
    this.#exitStub = stubs.address;
    this.hostGate = stubs.address + STUB_BYTES;
    this.builtinGate = stubs.address + 2 * STUB_BYTES;
  }

  /** Sets what must be set before the engine maps memory or touches a register. */
  #configure(options: UnicornExecutorOptions): void {
    const { cpuModel, pageSize } = this.#machine;
    const set = (request: number, value: number): void =>
      binding.controlValue(this.#uc, this.#engine, request, value);
    if (cpuModel !== undefined) set(binding.UcControl.cpuModel, cpuModel);
    if (pageSize !== undefined) set(binding.UcControl.pageSize, pageSize);
    const translationBytes = options.translationBytes ?? DEFAULT_TRANSLATION_BYTES;
    set(binding.UcControl.translationBufferSize, translationBytes);
  }

  #writeInitialRegisters(): void {
    const { initialRegisters } = this.#machine;
    const initial = new RegisterBatch(
      this.#uc,
      this.#engine,
      initialRegisters.map(({ id }) => id),
    );
    initial.cells.set(initialRegisters.map(({ value }) => value));
    if (initial.length > 0) initial.write(initial.length);
  }

  // ── Memory ────────────────────────────────────────────────────────────────────────────────────

  allocate(byteLength: number, access: Access): Region {
    return this.#memory.allocate(byteLength, access);
  }

  mapMemory(
    memory: WebAssembly.Memory,
    windowBytes: number,
    maximumBytes?: number,
  ): GrowableRegion {
    return this.#memory.mapMemory(memory, windowBytes, maximumBytes);
  }

  resolve(address: number): { bytes: Uint8Array; offset: number } | undefined {
    return this.#memory.resolve(address);
  }

  // ── Calls ─────────────────────────────────────────────────────────────────────────────────────

  // It is on the host's stack once for every level when host and guest call each other, so it keeps
  // little there, and what it does between calls is done by methods.
  call(entry: number, vmctx: number, values: number, host: HostCalls): Fault | undefined {
    const depth = this.#depth;
    if (depth > 0) this.#save(depth);
    let returned = false;
    this.#depth = depth + 1;
    try {
      if (!this.#enter(depth, vmctx, values)) {
        return this.#fault("memory", this.stack.address - REGION_ALIGNMENT);
      }
      for (let pc = entry;; pc = this.#afterHost(depth)) {
        const stub = this.#runToStub(pc, depth);
        if (stub === this.hostGate) {
          host.hostCall(this.#exit.get(EXIT_PARAM), this.#exit.get(EXIT_PARAM + 1));
        } else if (stub === this.builtinGate) {
          this.#callBuiltin(host);
        } else {
          returned = stub === this.#exitStub;
          return returned ? undefined : this.#stopped();
        }
      }
    } finally {
      if (depth > 0) this.#restore(depth, returned);
      this.#depth = depth;
    }
  }

  /** Sets the registers for a call; false when the stack has no room for the return address. */
  #enter(depth: number, vmctx: number, values: number): boolean {
    const entry = this.#entry;
    const { lr } = this.#machine;
    let sp = depth === 0
      ? this.stack.address + this.stack.byteLength - 16
      : this.#sites[(depth - 1) * SITE_CELLS + 2] as number;
    sp -= sp % 16;
    if (lr === undefined) {
      sp -= 8;
      const offset = sp - this.stack.address;
      if (offset < 0 || offset >= this.stack.byteLength) return false;
      this.#stackView.setUint32(offset, this.#exitStub >>> 0, true);
      this.#stackView.setUint32(offset + 4, this.#exitStub / 0x1_0000_0000, true);
    }
    entry.set(0, vmctx);
    entry.set(1, values);
    entry.set(2, sp);
    if (lr !== undefined) entry.set(3, this.#exitStub);
    // The outermost frame pointer ends the chain of frames; a nested one continues the outer chain.
    entry.set(entry.length - 1, 0);
    entry.write(depth === 0 ? entry.length : entry.length - 1);
    return true;
  }

  /** The fault that stopped the guest. */
  #stopped(): Fault {
    const fault = this.#faultOf(this.#error);
    this.#counter?.cutAt(fault.pc);
    return fault;
  }

  #callBuiltin(host: HostCalls): void {
    const exit = this.#exit;
    const vmctx = exit.get(EXIT_PARAM), values = exit.get(EXIT_PARAM + 1);
    host.builtinCall(vmctx, values, exit.get(EXIT_PARAM + 2));
  }

  /** Runs from `pc` and returns the address of the stub that stopped it, -1 after a fault. */
  #runToStub(pc: number, depth: number): number {
    this.#memory.refusedPage = -1;
    this.#error = this.#uc.uc_emu_start(this.#engine, BigInt(pc), 0n, 0n, 0n);
    if (this.#error !== binding.UcError.ok) return -1;
    this.#exit.read();
    const stoppedAt = this.#exit.get(EXIT_PC);
    const stub = stoppedAt - this.#machine.stop.length;
    if (stub !== this.#exitStub) this.#setSite(depth * SITE_CELLS, stoppedAt);
    return stub;
  }

  /** Where the activation at `depth` goes on when the host returns to it. */
  #afterHost(depth: number): number {
    if (this.#depth !== depth + 1) {
      // An activation within the host call could not clean up after itself.
      this.#restore(depth + 1, false);
      this.#depth = depth + 1;
    }
    return this.#sites[depth * SITE_CELLS] as number;
  }

  #setSite(site: number, pc: number): void {
    if (site + SITE_CELLS > this.#sites.length) {
      const wider = new Float64Array(2 * this.#sites.length);
      wider.set(this.#sites);
      this.#sites = wider;
    }
    this.#sites[site] = pc;
    this.#sites[site + 1] = this.#exit.get(EXIT_FP);
    this.#sites[site + 2] = this.#exit.get(EXIT_SP);
  }

  /** Saves the registers that the activation at `depth` owes to the one around it. */
  #save(depth: number): void {
    const owed = this.#owed;
    const start = (depth - 1) * owed.length;
    if (start + owed.length > this.#saved.length) {
      const wider = new BigUint64Array(Math.max(16 * owed.length, 2 * this.#saved.length));
      wider.set(this.#saved);
      this.#saved = wider;
    }
    owed.read();
    this.#saved.set(owed.cells, start);
  }

  /** Writes them back; after a return the preserved ones are in place already. */
  #restore(depth: number, returned: boolean): void {
    const owed = this.#owed;
    const start = (depth - 1) * owed.length;
    for (let n = 0; n < owed.length; n++) owed.cells[n] = this.#saved[start + n] as bigint;
    const count = owed.length - this.#machine.preserved.length;
    owed.write(returned ? count : owed.length);
  }

  callSite(): CallSite | undefined {
    if (this.#depth === 0) return undefined;
    const site = (this.#depth - 1) * SITE_CELLS;
    return {
      pc: this.#sites[site] as number,
      fp: this.#sites[site + 1] as number,
      sp: this.#sites[site + 2] as number,
    };
  }

  // ── Faults ────────────────────────────────────────────────────────────────────────────────────

  #faultOf(error: number): Fault {
    const { refusedPage } = this.#memory;
    if (refusedPage >= 0) return this.#fault("memory", refusedPage);
    // A stop instruction that is none of the stubs' is no error to Unicorn.
    if (error === binding.UcError.insnInvalid || error === binding.UcError.ok) {
      return this.#fault("instruction", -1);
    }
    if (error === binding.UcError.exception) return this.#fault(this.#machine.exceptionKind, -1);
    throw new InternalError(`Unicorn cannot run: ${binding.errorText(this.#uc, error)}`);
  }

  #fault(kind: Fault["kind"], address: number): Fault {
    const { registers: descriptions, lr, pc, fp, sp } = this.#machine;
    const general = this.#general;
    general.read();
    const registers = new Map<string, bigint>();
    for (let n = 0; n < general.length; n++) {
      registers.set((descriptions[n] as MachineRegister).name, general.cells[n] as bigint);
    }
    const valueOf = (id: number): number => general.get(descriptions.findIndex((r) => r.id === id));
    return {
      kind,
      pc: valueOf(pc),
      fp: valueOf(fp),
      sp: valueOf(sp),
      lr: lr === undefined ? 0 : valueOf(lr),
      address,
      pageBytes: this.#machine.pageSize ?? DEFAULT_PAGE_BYTES,
      inStackGuard: address >= AddressLayout.guard && address < this.stack.address,
      registers,
    };
  }

  // ── Counting ──────────────────────────────────────────────────────────────────────────────────

  startCounting(): void {
    if (this.#newCounter === undefined) {
      throw new InternalError("the executor was opened without a counter");
    }
    this.#counter?.close();
    this.#counter = new this.#newCounter(this.#uc, this.#engine, {
      address: this.#exitStub,
      byteLength: this.#memory.codeEnd - this.#exitStub,
    });
  }

  stopCounting(instructionsOf: InstructionsOf): ExecutionProfile {
    const counter = this.#counter;
    if (counter === undefined) throw new InternalError("execution is not being counted");
    const blocks = counter.blocks();
    counter.close();
    this.#counter = undefined;
    let instructions = 0;
    const stubsEnd = this.#exitStub + REGION_ALIGNMENT;
    for (const { address, byteLength, count } of blocks) {
      // A stub leaves after one instruction, which need not be the end of Unicorn's block.
      const isStub = address >= this.#exitStub && address < stubsEnd;
      instructions += count * (isStub ? 1 : instructionsOf(address, byteLength));
    }
    return { instructions, blocks };
  }

  close(): void {
    if (this.#isClosed) return;
    if (this.#depth > 0) throw new InternalError("an executor was closed during a call");
    this.#isClosed = true;
    this.#counter?.close();
    // The memory last, because the engine refers to it.
    binding.check(this.#uc, this.#uc.uc_close(this.#engine), "close an engine");
    this.#memory.close();
  }
}
