/**
 * The bytes of one function while it is emitted: labels, branches, traps, source locations,
 * relocations, pooled constants and jump tables, for every instruction set.
 *
 * Branches are not written as they come: the buffer holds the bytes between them, and `finish`
 * chooses for each branch the shortest encoding that reaches. It begins with the shortest everywhere
 * and lengthens what does not reach until all do; branches only grow, so this ends, and it ends at
 * the smallest code (Szymanski, "Assembling code for machines with span-dependent instructions",
 * 1978). A place in the code is therefore recorded as a *raw* offset (the bytes written before it)
 * and the number of branches before it.
 *
 * The code is followed by constants in descending order of size, then by jump tables: everything is
 * aligned, and `instructionBytes` says where the instructions end.
 *
 * @module
 */
import { growInt32, growUint8, type Handle } from "../base/handle.ts";
import { assert, InternalError } from "../base/errors.ts";
import type { TrapKind } from "../base/trap_kind.ts";
import type { FixupKind } from "./isa.ts";

/** A place in the code, perhaps not known yet. */
export type Label = Handle<"label">;

/** One way to write a branch. */
export interface BranchEncoding {
  /** Bytes of the whole branch. */
  readonly size: number;
  /** Smallest and largest distance from the branch's first byte to its target. */
  readonly min: number;
  readonly max: number;
  /**
   * Writes all `size` bytes at `position`. `word` is what the emitter gave: a condition, or the bits
   * of the instruction.
   */
  write(bytes: Uint8Array, position: number, distance: number, word: number): void;
}

/** A kind of branch: its encodings from the shortest to the longest. */
export interface BranchForm {
  readonly name: string;
  readonly encodings: readonly BranchEncoding[];
}

/** A function is too large for the short forms that it was emitted in. */
export class OutOfReach extends InternalError {}

/** The finished code of one function; all arrays are fresh and exactly long enough. */
export interface FinishedCode {
  readonly code: Uint8Array<ArrayBuffer>;
  /** Offset in `code` where instructions end and data begins. */
  readonly instructionBytes: number;
  /** What the address of `code` must be a multiple of for its data, a power of two. */
  readonly alignment: number;
  /** Offset in `code` where the frame is built; see {@linkcode CodeBuffer.frame}. */
  readonly frameStart: number;
  /** Quadruples of code offset, relocation kind, target and addend, by ascending offset. */
  readonly relocations: Int32Array<ArrayBuffer>;
  /** Pairs of code offset and `TrapKind`, by ascending offset. */
  readonly traps: Int32Array<ArrayBuffer>;
  /** Pairs of code offset and wasm offset, by ascending code offset. */
  readonly addressMap: Int32Array<ArrayBuffer>;
}

const UNBOUND = -1;
/** `branchesBefore` of a label of a constant (the raw offset is its index) or a jump table. */
const CONSTANT = -2, JUMP_TABLE = -3;
const HASH_SIZE = 256;

/** Collects the code of one function at a time; see the module's comment. */
export class CodeBuffer {
  #forms: readonly BranchForm[] = [];
  #bytes = new Uint8Array(4096);
  #length = 0;

  /** Pairs of raw offset and branches before. */
  #labels = new Int32Array(256);
  #labelCount = 0;

  /** Quadruples of raw offset, form, label and word. */
  #branches = new Int32Array(1024);
  #branchCount = 0;
  /** Chosen encoding of each branch. */
  #choice = new Uint8Array(256);
  /** Bytes of all branches before each branch. */
  #before = new Int32Array(257);

  /** Triples of raw offset, branches before, and label, with the kinds beside them. */
  #fixups = new Int32Array(192);
  #fixupKinds: FixupKind[] = [];
  #fixupCount = 0;

  /** Quintuples of raw offset, branches before, kind, target and addend. */
  #relocations = new Int32Array(320);
  #relocationCount = 0;
  /** Triples of raw offset, branches before and trap kind. */
  #traps = new Int32Array(192);
  #trapCount = 0;
  /** Triples of raw offset, branches before and wasm offset. */
  #locations = new Int32Array(384);
  #locationCount = 0;

  /** Raw offset and branches before the prologue. */
  #frameOffset = 0;
  #frameBranches = 0;

  /** Eight integers each: bytes, four words, label, next of equal hash, final offset. */
  #constants = new Int32Array(256);
  #constantCount = 0;
  #hash = new Int32Array(HASH_SIZE).fill(-1);

  /** Labels of the entries of all jump tables. */
  #tableEntries = new Int32Array(64);
  #tableEntryCount = 0;
  /** First entry of each jump table. */
  #tableStarts = new Int32Array(16);
  #tableCount = 0;
  #tablesOffset = 0;

  /** Forgets everything, keeps the arrays, and serves an instruction set with these branches. */
  reset(forms: readonly BranchForm[]): void {
    this.#forms = forms;
    this.#length =
      this.#labelCount =
      this.#branchCount =
      this.#fixupCount =
      this.#relocationCount =
      this.#trapCount =
      this.#locationCount =
      this.#tableEntryCount =
      this.#tableCount =
      this.#frameOffset =
      this.#frameBranches =
        0;
    if (this.#constantCount > 0) this.#hash.fill(-1);
    this.#constantCount = 0;
  }

  // ── Bytes ─────────────────────────────────────────────────────────────────────────────────────

  /**
   * Bytes written so far, branches not counted: good for the length of what was just written, and
   * as the position of a {@linkcode fixup} in it.
   */
  get rawOffset(): number {
    return this.#length;
  }
  /** Appends a byte. */
  u8(value: number): void {
    if (this.#length === this.#bytes.length) this.#bytes = growUint8(this.#bytes, this.#length + 1);
    this.#bytes[this.#length++] = value;
  }
  /** Appends 16 bits, little endian. */
  u16(value: number): void {
    this.u8(value);
    this.u8(value >> 8);
  }
  /** Appends 32 bits, little endian. */
  u32(value: number): void {
    const at = this.#length;
    if (at + 4 > this.#bytes.length) this.#bytes = growUint8(this.#bytes, at + 4);
    const bytes = this.#bytes;
    bytes[at] = value;
    bytes[at + 1] = value >> 8;
    bytes[at + 2] = value >> 16;
    bytes[at + 3] = value >> 24;
    this.#length = at + 4;
  }
  /** Appends bytes. */
  bytes(data: Uint8Array): void {
    const end = this.#length + data.length;
    if (end > this.#bytes.length) this.#bytes = growUint8(this.#bytes, end);
    this.#bytes.set(data, this.#length);
    this.#length = end;
  }

  // ── Labels and what refers to them ────────────────────────────────────────────────────────────

  /** A new label, to be bound before {@linkcode finish} when anything refers to it. */
  createLabel(): Label {
    return this.#newLabel(0, UNBOUND);
  }
  /** Says that a label is here. */
  bind(label: Label): void {
    assert(
      this.#labels[2 * label + 1] === UNBOUND,
      () => `Cannot bind label ${label}: it is bound already`,
    );
    this.#labels[2 * label] = this.#length;
    this.#labels[2 * label + 1] = this.#branchCount;
  }
  /** Appends a branch of form number `form`; `word` is handed to the encoding that is chosen. */
  branch(form: number, label: Label, word: number = 0): void {
    const k = this.#branchCount++, at = 4 * k;
    if (at + 4 > this.#branches.length) this.#branches = growInt32(this.#branches, at + 4);
    this.#branches[at] = this.#length;
    this.#branches[at + 1] = form;
    this.#branches[at + 2] = label;
    this.#branches[at + 3] = word;
  }
  /**
   * Asks that the field at raw offset `at`, which may not have a branch after it yet, be patched
   * with its distance to a label. A field of fixed size: an address, not a branch.
   */
  fixup(kind: FixupKind, at: number, label: Label): void {
    const k = this.#fixupCount++;
    if (3 * k + 3 > this.#fixups.length) this.#fixups = growInt32(this.#fixups, 3 * k + 3);
    this.#fixups[3 * k] = at;
    this.#fixups[3 * k + 1] = this.#branchCount;
    this.#fixups[3 * k + 2] = label;
    this.#fixupKinds[k] = kind;
  }

  // ── What is known about the current offset ────────────────────────────────────────────────────

  /** The instruction that comes next holds a field that the linker fills in. */
  relocate(kind: number, target: number, addend: number): void {
    const at = 5 * this.#relocationCount++;
    if (at + 5 > this.#relocations.length) this.#relocations = growInt32(this.#relocations, at + 5);
    this.#relocations[at] = this.#length;
    this.#relocations[at + 1] = this.#branchCount;
    this.#relocations[at + 2] = kind;
    this.#relocations[at + 3] = target;
    this.#relocations[at + 4] = addend;
  }
  /**
   * A fault at the instruction that comes next is a trap of this kind.
   * @throws InternalError when that instruction has a trap already
   */
  trap(kind: TrapKind): void {
    const at = 3 * this.#trapCount++;
    if (at + 3 > this.#traps.length) this.#traps = growInt32(this.#traps, at + 3);
    assert(
      at === 0 || this.#traps[at - 3] !== this.#length ||
        this.#traps[at - 2] !== this.#branchCount,
      () => `Cannot add a trap at raw offset ${this.#length}: there is one already`,
    );
    this.#traps[at] = this.#length;
    this.#traps[at + 1] = this.#branchCount;
    this.#traps[at + 2] = kind;
  }
  /** The frame is built from here on; at the beginning, unless this is called. */
  frame(): void {
    this.#frameOffset = this.#length;
    this.#frameBranches = this.#branchCount;
  }
  /** The code from here on comes from this wasm offset. */
  location(wasmOffset: number): void {
    let at = 3 * this.#locationCount;
    const data = this.#locations;
    if (at > 0) {
      if (data[at - 1] === wasmOffset) return;
      // Nothing was written since the last entry: this one replaces it.
      if (data[at - 3] === this.#length && data[at - 2] === this.#branchCount) {
        this.#locationCount--;
        at -= 3;
        if (at > 0 && data[at - 1] === wasmOffset) return;
      }
    }
    this.#locationCount++;
    if (at + 3 > data.length) this.#locations = growInt32(data, at + 3);
    this.#locations[at] = this.#length;
    this.#locations[at + 1] = this.#branchCount;
    this.#locations[at + 2] = wasmOffset;
  }

  // ── Data behind the code ──────────────────────────────────────────────────────────────────────

  /** The label of a pooled constant of 4 or 8 bytes. */
  constant(low: number, high: number, bytes: number): Label {
    return this.#constant(bytes, low, bytes === 8 ? high : 0, 0, 0);
  }
  /** The label of a pooled constant of 16 bytes, lowest word first. */
  constant16(word0: number, word1: number, word2: number, word3: number): Label {
    return this.#constant(16, word0, word1, word2, word3);
  }
  /**
   * Begins a jump table behind the code. Its entries are added by {@linkcode jumpTableEntry} before
   * the next table begins: 32-bit distances from the table's label to theirs.
   */
  jumpTable(): Label {
    const k = this.#tableCount++;
    if (k === this.#tableStarts.length) this.#tableStarts = growInt32(this.#tableStarts, k + 1);
    this.#tableStarts[k] = this.#tableEntryCount;
    return this.#newLabel(k, JUMP_TABLE);
  }
  /** Adds an entry to the jump table begun last. */
  jumpTableEntry(label: Label): void {
    const k = this.#tableEntryCount++;
    if (k === this.#tableEntries.length) this.#tableEntries = growInt32(this.#tableEntries, k + 1);
    this.#tableEntries[k] = label;
  }

  // ── Finishing ─────────────────────────────────────────────────────────────────────────────────

  /**
   * Chooses the branches' encodings and gives the code.
   * @throws OutOfReach when a field of fixed size does not reach what it refers to
   * @throws InternalError for a label that is referred to and not bound, or that no branch reaches
   */
  finish(): FinishedCode {
    this.#relax();
    const instructionBytes = this.#length + (this.#before[this.#branchCount] as number);
    const { end, alignment } = this.#placeData(instructionBytes);
    const code = new Uint8Array(end);
    this.#writeCode(code);
    this.#writeData(code);
    for (let k = 0; k < this.#fixupCount; k++) {
      const at = this.#final(this.#fixups[3 * k] as number, this.#fixups[3 * k + 1] as number);
      const kind = this.#fixupKinds[k] as FixupKind;
      const distance = this.#labelOffset(this.#fixups[3 * k + 2] as number) - at;
      if (distance < kind.min || distance > kind.max) {
        throw new OutOfReach(`Cannot reach from ${at}: ${distance} bytes are too far`);
      }
      kind.patch(code, at, distance);
    }
    return {
      code,
      instructionBytes,
      alignment,
      frameStart: this.#final(this.#frameOffset, this.#frameBranches),
      relocations: this.#records(this.#relocations, this.#relocationCount, 5),
      traps: this.#records(this.#traps, this.#trapCount, 3),
      addressMap: this.#records(this.#locations, this.#locationCount, 3),
    };
  }

  /** Chooses the encodings, and leaves in `#before` how many bytes of branches precede each. */
  #relax(): void {
    const n = this.#branchCount, branches = this.#branches, forms = this.#forms;
    if (n + 1 > this.#before.length) this.#before = growInt32(this.#before, n + 1);
    if (n > this.#choice.length) this.#choice = growUint8(this.#choice, n);
    const before = this.#before, choice = this.#choice;
    choice.fill(0, 0, n);
    for (let grown = true; grown;) {
      grown = false;
      let sum = 0;
      for (let k = 0; k < n; k++) {
        before[k] = sum;
        const form = forms[branches[4 * k + 1] as number] as BranchForm;
        sum += (form.encodings[choice[k] as number] as BranchEncoding).size;
      }
      before[n] = sum;
      for (let k = 0; k < n; k++) {
        const form = forms[branches[4 * k + 1] as number] as BranchForm;
        const at = (branches[4 * k] as number) + (before[k] as number);
        const distance = this.#codeLabelOffset(branches[4 * k + 2] as number) - at;
        let c = choice[k] as number;
        for (;; c++) {
          const encoding = form.encodings[c];
          if (encoding === undefined) {
            throw new InternalError(`Cannot branch ${distance} bytes with "${form.name}"`);
          }
          if (distance >= encoding.min && distance <= encoding.max) break;
        }
        if (c !== choice[k]) {
          choice[k] = c;
          grown = true;
        }
      }
    }
  }

  /** Gives constants and jump tables their final offsets. */
  #placeData(start: number): { end: number; alignment: number } {
    let end = start, alignment = 1;
    for (let bytes = 16; bytes >= 4; bytes >>= 1) {
      for (let k = 0; k < this.#constantCount; k++) {
        if (this.#constants[8 * k] !== bytes) continue;
        end = (end + bytes - 1) & -bytes;
        if (bytes > alignment) alignment = bytes;
        this.#constants[8 * k + 7] = end;
        end += bytes;
      }
    }
    if (this.#tableCount > 0) {
      end = (end + 3) & -4;
      if (alignment < 4) alignment = 4;
      this.#tablesOffset = end;
      end += 4 * this.#tableEntryCount;
    }
    return { end, alignment };
  }

  #writeCode(code: Uint8Array): void {
    const raw = this.#bytes, branches = this.#branches;
    let from = 0, to = 0;
    for (let k = 0; k < this.#branchCount; k++) {
      for (const stop = branches[4 * k] as number; from < stop;) code[to++] = raw[from++] as number;
      const form = this.#forms[branches[4 * k + 1] as number] as BranchForm;
      const encoding = form.encodings[this.#choice[k] as number] as BranchEncoding;
      const distance = this.#codeLabelOffset(branches[4 * k + 2] as number) - to;
      encoding.write(code, to, distance, branches[4 * k + 3] as number);
      to += encoding.size;
    }
    while (from < this.#length) code[to++] = raw[from++] as number;
  }

  #writeData(code: Uint8Array): void {
    for (let k = 0; k < this.#constantCount; k++) {
      const words = (this.#constants[8 * k] as number) >> 2;
      const at = this.#constants[8 * k + 7] as number;
      for (let w = 0; w < words; w++) {
        write32(code, at + 4 * w, this.#constants[8 * k + 1 + w] as number);
      }
    }
    for (let k = 0; k < this.#tableCount; k++) {
      const first = this.#tableStarts[k] as number;
      const last = k + 1 < this.#tableCount
        ? this.#tableStarts[k + 1] as number
        : this.#tableEntryCount;
      const base = this.#tablesOffset + 4 * first;
      for (let e = first; e < last; e++) {
        const target = this.#codeLabelOffset(this.#tableEntries[e] as number);
        write32(code, this.#tablesOffset + 4 * e, target - base);
      }
    }
  }

  /** Records with their place resolved to the final offset, their other columns as they are. */
  #records(data: Int32Array, count: number, stride: number): Int32Array<ArrayBuffer> {
    const result = new Int32Array(count * (stride - 1));
    for (let k = 0, to = 0; k < count; k++) {
      const from = k * stride;
      result[to++] = this.#final(data[from] as number, data[from + 1] as number);
      for (let c = 2; c < stride; c++) result[to++] = data[from + c] as number;
    }
    return result;
  }

  #final(raw: number, branchesBefore: number): number {
    return raw + (this.#before[branchesBefore] as number);
  }

  #codeLabelOffset(label: number): number {
    const branchesBefore = this.#labels[2 * label + 1] as number;
    if (branchesBefore < 0) {
      throw new InternalError(`Cannot finish code: label ${label} is not bound to code`);
    }
    return (this.#labels[2 * label] as number) + (this.#before[branchesBefore] as number);
  }

  #labelOffset(label: number): number {
    const raw = this.#labels[2 * label] as number;
    switch (this.#labels[2 * label + 1]) {
      case CONSTANT:
        return this.#constants[8 * raw + 7] as number;
      case JUMP_TABLE:
        return this.#tablesOffset + 4 * (this.#tableStarts[raw] as number);
      default:
        return this.#codeLabelOffset(label);
    }
  }

  #newLabel(raw: number, branchesBefore: number): Label {
    const label = this.#labelCount++, at = 2 * label;
    if (at === this.#labels.length) this.#labels = growInt32(this.#labels, at + 2);
    this.#labels[at] = raw;
    this.#labels[at + 1] = branchesBefore;
    return label as Label;
  }

  #constant(bytes: number, word0: number, word1: number, word2: number, word3: number): Label {
    assert(
      bytes === 4 || bytes === 8 || bytes === 16,
      () => `Cannot pool a constant of ${bytes} bytes`,
    );
    word0 |= 0;
    word1 |= 0;
    word2 |= 0;
    word3 |= 0;
    const mixed = Math.imul(
      word0 ^ Math.imul(word1 ^ word2 ^ word3 ^ bytes, 0x85ebca6b),
      0x9e3779b1,
    );
    const bucket = (mixed >>> 16) & (HASH_SIZE - 1);
    for (let k = this.#hash[bucket] as number; k >= 0; k = this.#constants[8 * k + 6] as number) {
      const at = 8 * k, data = this.#constants;
      if (
        data[at] === bytes && data[at + 1] === word0 && data[at + 2] === word1 &&
        data[at + 3] === word2 && data[at + 4] === word3
      ) return data[at + 5] as Label;
    }
    const k = this.#constantCount++, at = 8 * k;
    if (at === this.#constants.length) this.#constants = growInt32(this.#constants, at + 8);
    const label = this.#newLabel(k, CONSTANT);
    this.#constants[at] = bytes;
    this.#constants[at + 1] = word0;
    this.#constants[at + 2] = word1;
    this.#constants[at + 3] = word2;
    this.#constants[at + 4] = word3;
    this.#constants[at + 5] = label;
    this.#constants[at + 6] = this.#hash[bucket] as number;
    this.#hash[bucket] = k;
    return label;
  }
}

function write32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
  bytes[at + 2] = value >> 16;
  bytes[at + 3] = value >> 24;
}
