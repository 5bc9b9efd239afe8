/**
 * Counts how often each block of guest code is executed.
 *
 * Unicorn's blocks are translation blocks: a block is named by where it starts and how long it is,
 * and the hook is called each time before one runs. On x86-64 hosts with the System V calling
 * convention the hook is a few machine instructions that count in a table with an entry for every
 * byte of code (about 1 ns a block). An entry remembers the length of the first block that started
 * there; a block of another length, or outside the table, goes to a JavaScript callback, which is
 * all there is on other hosts (about 110 ns a block).
 *
 * Counts are exact, as hardware counts retired instructions. A block that faults midway was counted
 * whole when it was entered; the hook keeps the block it was called for last, so {@linkcode cutAt} can
 * take back what was not executed.
 *
 * @module
 */
import { InternalError } from "../../base/errors.ts";
import type { BlockCount } from "../executor.ts";
import * as binding from "./binding.ts";

const hookParameters = {
  parameters: ["pointer", "u64", "u32", "pointer"],
  result: "void",
} as const;

/** Bytes of a table entry: a 64-bit count, the block's 32-bit length, and padding. */
const ENTRY_BYTES = 16;

/** Cells of the state that the native hook is passed. */
const LAST_ADDRESS = 4, LAST_LENGTH = 5, STATE_CELLS = 6;

/**
 * `void count(engine, u64 address, u32 length, state*)`, where `state` is the start and the length of
 * the counted code, the table, the function for all other blocks, and the address and length of the
 * last block, which the hook writes.
 */
// deno-fmt-ignore: one instruction a line
const nativeHook = Uint8Array.of(
  0x48, 0x89, 0x71, 0x20,       //        mov  [rcx + 32], rsi
  0x89, 0x51, 0x28,             //        mov  [rcx + 40], edx
  0x48, 0x89, 0xf0,             //        mov  rax, rsi
  0x48, 0x2b, 0x01,             //        sub  rax, [rcx]
  0x48, 0x3b, 0x41, 0x08,       //        cmp  rax, [rcx + 8]
  0x73, 0x1e,                   //        jae  other
  0x48, 0xc1, 0xe0, 0x04,       //        shl  rax, 4
  0x48, 0x03, 0x41, 0x10,       //        add  rax, [rcx + 16]
  0x39, 0x50, 0x08,             //        cmp  [rax + 8], edx
  0x75, 0x04,                   //        jne  first
  0x48, 0xff, 0x00,             // count: inc  qword [rax]
  0xc3,                         //        ret
  0x83, 0x78, 0x08, 0x00,       // first: cmp  dword [rax + 8], 0
  0x75, 0x07,                   //        jne  other
  0x89, 0x50, 0x08,             //        mov  [rax + 8], edx
  0x48, 0xff, 0x00,             //        inc  qword [rax]
  0xc3,                         //        ret
  0xff, 0x61, 0x18,             // other: jmp  [rcx + 24]
);

/** The guest code whose blocks the native hook counts. */
export interface CountedRange {
  /** Guest address of its first byte. */
  readonly address: number;
  /** Its length; the table takes 16 times as much. */
  readonly byteLength: number;
}

/** Counts from its creation on until it is closed. */
export class BlockCounter {
  readonly #uc: binding.UnicornSymbols;
  readonly #engine: binding.Engine;
  readonly #range: CountedRange;
  readonly #slow: Deno.UnsafeCallback<typeof hookParameters>;
  readonly #handle: bigint;
  readonly #native: NativePage | undefined;
  readonly #table: DataView | undefined;
  /** What the native hook is passed, and leaves for us. */
  readonly #state: BigUint64Array<ArrayBuffer> = new BigUint64Array(STATE_CELLS);
  /** Counts of the blocks that are not in the table, by length and then by address. */
  readonly #others = new Map<number, Map<number, number>>();
  /** Blocks that faulted, and where. */
  readonly #cuts: { readonly address: number; readonly byteLength: number; readonly pc: number }[] =
    [];

  /**
   * Starts counting.
   * @param range where code is; blocks elsewhere are counted too, but slowly
   */
  constructor(uc: binding.UnicornSymbols, engine: binding.Engine, range: CountedRange) {
    this.#uc = uc;
    this.#engine = engine;
    this.#range = range;
    this.#slow = new Deno.UnsafeCallback(
      hookParameters,
      (_engine, address, length) => this.#countOther(Number(address), length),
    );
    this.#native = NativePage.create(nativeHook);
    let callback = this.#slow.pointer as NonNullable<Deno.PointerValue>;
    let user: Deno.PointerValue = null;
    if (this.#native !== undefined) {
      const table = new Uint8Array(range.byteLength * ENTRY_BYTES);
      this.#table = new DataView(table.buffer);
      this.#state.set([
        BigInt(range.address),
        BigInt(range.byteLength),
        BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(table))),
        BigInt(Deno.UnsafePointer.value(callback)),
      ]);
      callback = this.#native.pointer;
      user = Deno.UnsafePointer.of(this.#state);
    }
    this.#handle = binding.addHook(uc, engine, { kind: binding.UcHook.block, callback, user });
    // Code that is translated already does not call the hook.
    binding.control(uc, engine, binding.UcControl.flushTranslations);
  }

  #countOther(address: number, length: number): void {
    this.#state[LAST_ADDRESS] = BigInt(address);
    this.#state[LAST_LENGTH] = BigInt(length);
    let counts = this.#others.get(length);
    if (counts === undefined) this.#others.set(length, counts = new Map());
    counts.set(address, (counts.get(address) ?? 0) + 1);
  }

  /**
   * Must be called when a run ends in a fault: of the block that was running, what stands before the
   * faulting instruction was executed, and nothing else.
   */
  cutAt(pc: number): void {
    const address = Number(this.#state[LAST_ADDRESS]);
    const byteLength = Number(this.#state[LAST_LENGTH]);
    // A jump to what cannot be executed was executed itself, with all of its block.
    if (pc >= address && pc < address + byteLength) this.#cuts.push({ address, byteLength, pc });
  }

  /** All blocks executed so far, by address and length. */
  blocks(): BlockCount[] {
    const blocks: BlockCount[] = [];
    const table = this.#table;
    if (table !== undefined) {
      for (let at = 0; at < table.byteLength; at += ENTRY_BYTES) {
        const byteLength = table.getUint32(at + 8, true);
        if (byteLength === 0) continue;
        const count = Number(table.getBigUint64(at, true));
        blocks.push({ address: this.#range.address + at / ENTRY_BYTES, byteLength, count });
      }
    }
    for (const [byteLength, counts] of this.#others) {
      for (const [address, count] of counts) blocks.push({ address, byteLength, count });
    }
    return this.#withoutCuts(blocks)
      .sort((a, b) => a.address - b.address || a.byteLength - b.byteLength);
  }

  /** Counts the pieces that faults left of blocks as blocks of their own. */
  #withoutCuts(blocks: readonly BlockCount[]): BlockCount[] {
    if (this.#cuts.length === 0) return [...blocks];
    const changes = new Map<string, BlockCount>();
    const add = (address: number, byteLength: number, by: number): void => {
      const key = `${address}:${byteLength}`;
      const count = (changes.get(key)?.count ?? 0) + by;
      changes.set(key, { address, byteLength, count });
    };
    for (const { address, byteLength, count } of blocks) add(address, byteLength, count);
    for (const { address, byteLength, pc } of this.#cuts) {
      add(address, byteLength, -1);
      add(address, pc - address, 1);
    }
    return [...changes.values()].filter(({ byteLength, count }) => byteLength > 0 && count > 0);
  }

  /** Removes the hook and frees what it used. */
  close(): void {
    const code = this.#uc.uc_hook_del(this.#engine, this.#handle);
    binding.check(this.#uc, code, "remove a hook");
    // The translated code still calls the hook.
    binding.control(this.#uc, this.#engine, binding.UcControl.flushTranslations);
    this.#slow.close();
    this.#native?.close();
  }
}

const hostFunctions = {
  mmap: { parameters: ["usize", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
  mprotect: { parameters: ["pointer", "usize", "i32"], result: "i32" },
} as const;

const PAGE_BYTES = 4096n;
const PROT_READ_WRITE = 3;
const PROT_READ_EXECUTE = 5;
const MAP_PRIVATE_ANONYMOUS = 0x22;

/** A page of host machine code. */
class NativePage {
  readonly #libc: Deno.DynamicLibrary<typeof hostFunctions>;
  /** Where the code starts. */
  readonly pointer: NonNullable<Deno.PointerValue>;

  private constructor(
    libc: Deno.DynamicLibrary<typeof hostFunctions>,
    pointer: NonNullable<Deno.PointerValue>,
  ) {
    this.#libc = libc;
    this.pointer = pointer;
  }

  /** Undefined where the host is another machine or forbids it. */
  static create(code: Uint8Array): NativePage | undefined {
    if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return undefined;
    let libc: Deno.DynamicLibrary<typeof hostFunctions>;
    try {
      libc = Deno.dlopen("libc.so.6", hostFunctions);
    } catch {
      return undefined;
    }
    const { mmap, mprotect } = libc.symbols;
    const pointer = mmap(0n, PAGE_BYTES, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0n);
    if (pointer !== null && BigInt(Deno.UnsafePointer.value(pointer)) !== 2n ** 64n - 1n) {
      new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, code.length)).set(code);
      const page = new NativePage(libc, pointer);
      if (mprotect(pointer, PAGE_BYTES, PROT_READ_EXECUTE) === 0) return page;
      page.close();
    } else libc.close();
    return undefined;
  }

  close(): void {
    const code = this.#libc.symbols.munmap(this.pointer, PAGE_BYTES);
    this.#libc.close();
    if (code !== 0) throw new InternalError("the host cannot unmap a page");
  }
}
