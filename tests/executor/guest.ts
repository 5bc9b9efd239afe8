/**
 * What the executor's tests share: small x64 programs, written as a listing, and a guest to run them.
 *
 * Programs follow the array convention: rdi is the vmctx, rsi the values. The vmctx of these tests
 * holds the address of the host gate at 0 and of the builtin gate at 8.
 *
 * @module
 */
import { strict as assert } from "node:assert";
import { x64Machine } from "../../backends/x64/emulator.ts";
import type { Fault, HostCalls } from "../../lib/executor/executor.ts";
import { BlockCounter } from "../../lib/executor/unicorn/block_counter.ts";
import {
  UnicornExecutor,
  type UnicornExecutorOptions,
} from "../../lib/executor/unicorn/executor.ts";
import type { UnicornLibrary } from "../../lib/executor/unicorn/binding.ts";
import { openUnicorn } from "../../lib/executor/unicorn/library.ts";

/** The library that all tests use. */
export const library = await openUnicorn();

/** Machine code, and the offset of each of its instructions. */
export interface Program {
  readonly bytes: Uint8Array;
  readonly offsets: readonly number[];
}

/** Takes the bytes from a listing whose lines are `bytes  text`. */
function assemble(listing: string): Program {
  const bytes: number[] = [];
  const offsets: number[] = [];
  for (const line of listing.trim().split("\n")) {
    offsets.push(bytes.length);
    const [hex] = line.trim().split("  ");
    bytes.push(...(hex as string).split(" ").map((byte) => parseInt(byte, 16)));
  }
  return { bytes: Uint8Array.from(bytes), offsets };
}

/** The programs. */
export const programs = {
  addSlots: assemble(`
    48 8b 06              mov rax,[rsi]
    48 03 46 10           add rax,[rsi+0x10]
    48 89 06              mov [rsi],rax
    c3                    ret
  `),
  callHost: assemble(`
    55                    push rbp
    48 89 e5              mov rbp,rsp
    53                    push rbx
    41 54                 push r12
    48 89 fb              mov rbx,rdi
    49 89 f4              mov r12,rsi
    ff 17                 call [rdi]
    49 83 44 24 10 01     add [r12+0x10],0x1
    41 5c                 pop r12
    5b                    pop rbx
    5d                    pop rbp
    c3                    ret
  `),
  callHostWithLargeFrame: assemble(`
    55                    push rbp
    48 89 e5              mov rbp,rsp
    48 81 ec 00 04 00 00  sub rsp,0x400
    ff 17                 call [rdi]
    c9                    leave
    c3                    ret
  `),
  callBuiltin: assemble(`
    55                    push rbp
    48 89 e5              mov rbp,rsp
    ba 07 00 00 00        mov edx,0x7
    ff 57 08              call [rdi+0x8]
    5d                    pop rbp
    c3                    ret
  `),
  keepRegisters: assemble(`
    55                    push rbp
    53                    push rbx
    41 54                 push r12
    41 55                 push r13
    41 56                 push r14
    41 57                 push r15
    48 83 ec 08           sub rsp,0x8
    bd 11 00 00 00        mov ebp,0x11
    bb 22 00 00 00        mov ebx,0x22
    41 bc 33 00 00 00     mov r12d,0x33
    41 bd 44 00 00 00     mov r13d,0x44
    41 be 55 00 00 00     mov r14d,0x55
    49 89 f7              mov r15,rsi
    48 89 66 60           mov [rsi+0x60],rsp
    ff 17                 call [rdi]
    49 89 2f              mov [r15],rbp
    49 89 5f 10           mov [r15+0x10],rbx
    4d 89 67 20           mov [r15+0x20],r12
    4d 89 6f 30           mov [r15+0x30],r13
    4d 89 77 40           mov [r15+0x40],r14
    49 89 67 50           mov [r15+0x50],rsp
    48 83 c4 08           add rsp,0x8
    41 5f                 pop r15
    41 5e                 pop r14
    41 5d                 pop r13
    41 5c                 pop r12
    5b                    pop rbx
    5d                    pop rbp
    c3                    ret
  `),
  clobberAndTrap: assemble(`
    48 c7 c5 ff ff ff ff  mov rbp,0xffffffffffffffff
    48 c7 c3 ff ff ff ff  mov rbx,0xffffffffffffffff
    49 c7 c4 ff ff ff ff  mov r12,0xffffffffffffffff
    49 c7 c5 ff ff ff ff  mov r13,0xffffffffffffffff
    49 c7 c6 ff ff ff ff  mov r14,0xffffffffffffffff
    49 c7 c7 ff ff ff ff  mov r15,0xffffffffffffffff
    50                    push rax
    50                    push rax
    0f 0b                 ud2
  `),
  clobberAndCallHost: assemble(`
    48 c7 c5 ff ff ff ff  mov rbp,0xffffffffffffffff
    48 c7 c3 ff ff ff ff  mov rbx,0xffffffffffffffff
    49 c7 c4 ff ff ff ff  mov r12,0xffffffffffffffff
    49 c7 c5 ff ff ff ff  mov r13,0xffffffffffffffff
    49 c7 c6 ff ff ff ff  mov r14,0xffffffffffffffff
    49 c7 c7 ff ff ff ff  mov r15,0xffffffffffffffff
    50                    push rax
    ff 17                 call [rdi]
    0f 0b                 ud2
  `),
  store: assemble(`
    48 8b 06              mov rax,[rsi]
    48 8b 4e 10           mov rcx,[rsi+0x10]
    48 8b 56 20           mov rdx,[rsi+0x20]
    48 89 14 08           mov [rax+rcx*1],rdx
    c3                    ret
  `),
  load: assemble(`
    48 8b 06              mov rax,[rsi]
    48 8b 4e 10           mov rcx,[rsi+0x10]
    48 8b 14 08           mov rdx,[rax+rcx*1]
    48 89 56 20           mov [rsi+0x20],rdx
    c3                    ret
  `),
  pushForever: assemble(`
    50                    push rax
    eb fd                 jmp 0
  `),
  null: assemble(`
    31 c0                 xor eax,eax
    48 8b 40 40           mov rax,[rax+0x40]
    c3                    ret
  `),
  divide: assemble(`
    31 c9                 xor ecx,ecx
    b8 01 00 00 00        mov eax,0x1
    99                    cdq
    f7 f9                 idiv ecx
    c3                    ret
  `),
  loop: assemble(`
    48 8b 0e              mov rcx,[rsi]
    48 ff c9              dec rcx
    75 fb                 jne 3
    c3                    ret
  `),
  scatter: assemble(`
    48 8b 06              mov rax,[rsi]
    48 8b 4e 10           mov rcx,[rsi+0x10]
    48 8b 56 20           mov rdx,[rsi+0x20]
    48 69 d2 0d 66 19 00  imul rdx,rdx,0x19660d
    48 81 c2 5f f3 6e 3c  add rdx,0x3c6ef35f
    49 89 d0              mov r8,rdx
    49 c1 e8 14           shr r8,0x14
    41 81 e0 ff ff ff 01  and r8d,0x1ffffff
    4a 01 14 00           add [rax+r8*1],rdx
    48 ff c9              dec rcx
    75 db                 jne b
    c3                    ret
  `),
} satisfies Record<string, Program>;

/** Host calls that no test expects. */
export const noHost: HostCalls = {
  hostCall: () => assert.fail("unexpected host call"),
  builtinCall: () => assert.fail("unexpected builtin call"),
};

/** A host whose functions are all `hostCall`. */
export function hostOf(hostCall: HostCalls["hostCall"]): HostCalls {
  return { ...noHost, hostCall };
}

/** An executor with a vmctx and room for values. */
export class Guest {
  readonly executor: UnicornExecutor;
  readonly vmctx: number;
  readonly values: number;
  /** The values, 16 bytes a slot. */
  readonly #slots: DataView;
  readonly #starts = new Set<number>();

  constructor(options: UnicornExecutorOptions = {}, unicorn: UnicornLibrary = library) {
    this.executor = new UnicornExecutor(unicorn, x64Machine, { counter: BlockCounter, ...options });
    const context = this.executor.allocate(16, "write");
    const gates = new DataView(context.bytes.buffer, context.bytes.byteOffset);
    gates.setBigUint64(0, BigInt(this.executor.hostGate), true);
    gates.setBigUint64(8, BigInt(this.executor.builtinGate), true);
    this.vmctx = context.address;
    const values = this.executor.allocate(4096, "write");
    this.#slots = new DataView(values.bytes.buffer, values.bytes.byteOffset);
    this.values = values.address;
  }

  /** Slot `n`. */
  get(n: number): bigint {
    return this.#slots.getBigUint64(16 * n, true);
  }

  /** Sets the first slots. */
  set(...values: (number | bigint)[]): void {
    values.forEach((value, n) => this.#slots.setBigUint64(16 * n, BigInt(value), true));
  }

  /** Makes a program executable. */
  place({ bytes, offsets }: Program): number {
    const region = this.executor.allocate(bytes.length, "execute");
    region.bytes.set(bytes);
    for (const offset of offsets) this.#starts.add(region.address + offset);
    return region.address;
  }

  /** Calls what stands at `entry`. */
  call(entry: number, host: HostCalls = noHost): Fault | undefined {
    return this.executor.call(entry, this.vmctx, this.values, host);
  }

  /** Instructions of placed programs in a piece of code. */
  readonly instructionsOf = (address: number, byteLength: number): number => {
    let count = 0;
    for (let at = address; at < address + byteLength; at++) count += this.#starts.has(at) ? 1 : 0;
    return count;
  };

  [Symbol.dispose](): void {
    this.executor.close();
  }
}
