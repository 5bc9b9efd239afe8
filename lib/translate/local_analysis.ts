/**
 * The pass over a function body that precedes its translation. For every `block`, `loop` and `if`, in
 * order of occurrence, it finds which locals are assigned inside, nested constructs included, so that
 * loop headers and labels get parameters for those locals only; whether an `if` has an `else`; and
 * whether anything branches to the construct.
 *
 * It looks at all code, unreachable code too, so this is also where operators and types of features
 * that are not supported are refused, whether they would be executed or not.
 *
 * Invariant while scanning: the sets of the open constructs stand one after the other on a stack, an
 * entry being a local and the next construct outwards whose set has the local (`#owner` names the
 * innermost). So each local stands once in a set, and closing a construct costs the size of its set.
 *
 * @module
 */
import { growInt32, growUint8, NONE } from "../base/handle.ts";
import { Unsupported } from "../base/errors.ts";
import { Opcode, opcodeFeature, opcodeName, readOpcode, skipImmediates } from "../wasm/opcodes.ts";
import type { Reader } from "../wasm/reader.ts";
import {
  readHeapType,
  readValueType,
  referenceType,
  type ValueType,
  valueTypeFeature,
  valueTypeName,
} from "../wasm/types.ts";
import { ScanKind, scanKind } from "./operators.ts";

/** What was found of a construct, besides its locals. */
const BRANCH_TARGET = 1, HAS_ELSE = 2;

/** Which locals each construct of a function body assigns; see the module's comment. */
export class LocalAnalysis {
  /** The constructs' sets of locals, each at its `start`; indices of locals in no order. */
  pool: Int32Array = new Int32Array(256);
  #poolLength = 0;

  #constructCount = 0;
  #start = new Int32Array(64);
  #count = new Int32Array(64);
  #facts = new Uint8Array(64);

  /** Open constructs, outermost first, and where their entries start on the stack. */
  #open = new Int32Array(64);
  #openStart = new Int32Array(64);
  #depth = 0;
  /** Pairs of a local and the next construct outwards that assigns it. */
  #stack = new Int32Array(256);
  #stackLength = 0;
  /** The innermost open construct whose set has the local. */
  #owner = new Int32Array(64);

  /** Where the set of a construct starts in {@linkcode pool}. */
  start(construct: number): number {
    return this.#start[construct] as number;
  }
  /** How many locals are assigned in a construct. */
  count(construct: number): number {
    return this.#count[construct] as number;
  }
  /** Whether any code, reachable or not, branches to the label of a construct. */
  isBranchTarget(construct: number): boolean {
    return ((this.#facts[construct] as number) & BRANCH_TARGET) !== 0;
  }
  /** Whether a construct is an `if` with an `else`. */
  hasElse(construct: number): boolean {
    return ((this.#facts[construct] as number) & HAS_ELSE) !== 0;
  }

  /**
   * Scans the code from the reader's position to its end. Throws {@linkcode Unsupported} at the first
   * operator or type that is not supported.
   */
  analyze(reader: Reader, localCount: number): void {
    this.#poolLength =
      this.#constructCount =
      this.#depth =
      this.#stackLength =
        0;
    if (localCount > this.#owner.length) this.#owner = growInt32(this.#owner, localCount);
    this.#owner.fill(NONE, 0, localCount);
    while (!reader.atEnd) {
      const offset = reader.position;
      const opcode = readOpcode(reader);
      switch (scanKind[opcode]) {
        case ScanKind.plain:
          break;
        case ScanKind.index:
          reader.readU32();
          break;
        case ScanKind.memarg:
          reader.readMemarg();
          break;
        case ScanKind.i32:
          reader.readS32();
          break;
        case ScanKind.assign:
          this.#assign(reader.readU32());
          break;
        case ScanKind.open:
          this.#checkBlockType(reader);
          this.#enter();
          break;
        case ScanKind.else:
          this.#addFact(this.#open[this.#depth - 1] as number, HAS_ELSE);
          break;
        case ScanKind.end:
          if (this.#depth > 0) this.#leave();
          break;
        case ScanKind.branch:
          this.#branch(reader.readU32());
          break;
        case ScanKind.brTable:
          for (let n = reader.readU32(); n >= 0; n--) this.#branch(reader.readU32());
          break;
        case ScanKind.types:
          this.#checkTypes(reader, opcode, offset);
          break;
        case ScanKind.other:
          skipImmediates(reader, opcode);
          break;
        default:
          throw new Unsupported(opcodeFeature(opcode), offset, opcodeName(opcode));
      }
    }
  }

  #enter(): void {
    const construct = this.#constructCount++, depth = this.#depth++;
    if (construct === this.#start.length) {
      this.#start = growInt32(this.#start, construct + 1);
      this.#count = growInt32(this.#count, construct + 1);
      this.#facts = growUint8(this.#facts, construct + 1);
    }
    if (depth === this.#open.length) {
      this.#open = growInt32(this.#open, depth + 1);
      this.#openStart = growInt32(this.#openStart, depth + 1);
    }
    this.#facts[construct] = 0;
    this.#open[depth] = construct;
    this.#openStart[depth] = this.#stackLength;
  }

  /** Writes the innermost set to the pool and merges it into the one around it. */
  #leave(): void {
    const depth = --this.#depth;
    const construct = this.#open[depth] as number;
    const parent = depth > 0 ? this.#open[depth - 1] as number : NONE;
    const from = this.#openStart[depth] as number, count = (this.#stackLength - from) >> 1;
    const start = this.#poolLength;
    if (start + count > this.pool.length) this.pool = growInt32(this.pool, start + count);
    this.#start[construct] = start;
    this.#count[construct] = count;
    this.#poolLength = start + count;
    let top = from;
    for (let i = 0, at = from; i < count; i++, at += 2) {
      const local = this.#stack[at] as number, outer = this.#stack[at + 1] as number;
      this.pool[start + i] = local;
      this.#owner[local] = parent;
      if (outer === parent) continue;
      this.#stack[top] = local;
      this.#stack[top + 1] = outer;
      top += 2;
    }
    // Outside of all constructs nobody asks for the set.
    this.#stackLength = parent === NONE ? 0 : top;
  }

  #assign(local: number): void {
    if (this.#depth === 0) return;
    const construct = this.#open[this.#depth - 1] as number, outer = this.#owner[local] as number;
    if (outer === construct) return;
    const top = this.#stackLength;
    if (top + 2 > this.#stack.length) this.#stack = growInt32(this.#stack, top + 2);
    this.#stack[top] = local;
    this.#stack[top + 1] = outer;
    this.#stackLength = top + 2;
    this.#owner[local] = construct;
  }

  /** Notes a branch; one that leaves the function names no construct. */
  #branch(label: number): void {
    if (label < this.#depth) {
      this.#addFact(this.#open[this.#depth - 1 - label] as number, BRANCH_TARGET);
    }
  }

  #addFact(construct: number, fact: number): void {
    this.#facts[construct] = (this.#facts[construct] as number) | fact;
  }

  #checkBlockType(reader: Reader): void {
    const code = reader.peekByte();
    if (code === 0x40) reader.skip(1);
    else if (code < 0x40 || code > 0x7f) reader.readS33();
    else checkType(readValueType(reader), reader.position - 1);
  }

  #checkTypes(reader: Reader, opcode: number, offset: number): void {
    if (opcode === Opcode["ref.null"]) {
      checkType(referenceType(readHeapType(reader), true), offset);
      return;
    }
    for (let n = reader.readU32(); n > 0; n--) checkType(readValueType(reader), offset);
  }
}

/** Throws {@linkcode Unsupported} unless values of the type are supported. */
export function checkType(type: ValueType, offset: number): void {
  const feature = valueTypeFeature(type);
  if (feature !== undefined) throw new Unsupported(feature, offset, valueTypeName(type));
}
