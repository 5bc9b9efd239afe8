/**
 * Puts compiled functions one behind the other into a text section, resolves the calls between them,
 * and inserts veneers where a call does not reach its target.
 *
 * A veneer is a piece of code that jumps any distance. Veneers stand in islands between functions:
 * an island is written as soon as waiting longer would put a pending relocation out of its reach.
 *
 * @module
 */
import { assert } from "../base/errors.ts";
import type { FixupKind, Isa } from "./isa.ts";

interface PendingFixup {
  /** Offset in the text of the instruction to patch. */
  readonly at: number;
  readonly kind: FixupKind;
  readonly addend: number;
  readonly target: number;
}

/** What {@linkcode TextSectionBuilder} needs of an instruction set. */
export type TextSectionIsa = Pick<
  Isa,
  "relocations" | "veneer" | "functionAlignment" | "padding"
>;

/** Builds one text section; targets of relocations are numbered in the order of `append`. */
export class TextSectionBuilder {
  readonly #isa: TextSectionIsa;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1 << 16);
  #length = 0;
  readonly #placed: number[] = [];
  #pending: PendingFixup[] = [];
  /** The smallest offset beyond which some pending relocation cannot reach a new veneer. */
  #deadline = Infinity;
  /** Pairs of veneer offset and target. */
  readonly #veneers: { at: number; target: number }[] = [];

  constructor(isa: TextSectionIsa) {
    this.#isa = isa;
  }

  /** Bytes placed so far. */
  get length(): number {
    return this.#length;
  }
  /** How many veneers were needed. */
  get veneerCount(): number {
    return this.#veneers.length;
  }

  /** Appends code at the next multiple of `alignment` and returns its offset in the text. */
  append(code: Uint8Array, alignment: number): number {
    const islandBytes = (this.#pending.length + 1) * this.#isa.veneer.size + alignment;
    if (this.#length + code.length + islandBytes + alignment > this.#deadline) this.#writeIsland();
    this.#align(Math.max(alignment, this.#isa.functionAlignment));
    const offset = this.#length;
    this.#reserve(code.length);
    this.#bytes.set(code, offset);
    this.#length += code.length;
    this.#placed.push(offset);
    return offset;
  }

  /**
   * Asks that the instruction at `at` be patched to refer to target number `target` (which may be
   * appended later) plus `addend`. `kind` is a position in the instruction set's `relocations`.
   */
  relocate(at: number, kind: number, target: number, addend: number): void {
    const fixup = this.#isa.relocations[kind] as FixupKind;
    const placed = this.#placed[target];
    if (placed !== undefined && inReach(fixup, placed + addend - at)) {
      fixup.patch(this.#bytes, at, placed + addend - at);
      return;
    }
    this.#pending.push({ at, kind: fixup, addend, target });
    this.#deadline = Math.min(this.#deadline, at + fixup.max);
  }

  /**
   * Resolves what is pending and returns the text.
   * @throws InternalError when a target was never appended
   */
  finish(): Uint8Array<ArrayBuffer> {
    this.#writeIsland();
    for (const { at, target } of this.#veneers) {
      const placed = this.#placed[target];
      assert(
        placed !== undefined,
        () => `relocation to target ${target}, which is not in the text`,
      );
      this.#isa.veneer.write(this.#bytes, at, placed - at);
    }
    return this.#bytes.slice(0, this.#length);
  }

  /** Patches what reaches its target and gives the rest a veneer, at the end of the text. */
  #writeIsland(): void {
    const veneers = new Map<number, number>();
    for (const { at, kind, addend, target } of this.#pending) {
      const placed = this.#placed[target];
      if (placed !== undefined && inReach(kind, placed + addend - at)) {
        kind.patch(this.#bytes, at, placed + addend - at);
        continue;
      }
      assert(addend === 0, () => `relocation at ${at} with an addend needs a veneer`);
      let veneer = veneers.get(target);
      if (veneer === undefined) {
        this.#align(this.#isa.functionAlignment);
        veneer = this.#length;
        this.#reserve(this.#isa.veneer.size);
        this.#length += this.#isa.veneer.size;
        this.#veneers.push({ at: veneer, target });
        veneers.set(target, veneer);
      }
      const distance = veneer - at;
      assert(inReach(kind, distance), () => `veneer of the call at ${at} is out of its reach`);
      kind.patch(this.#bytes, at, distance);
    }
    this.#pending = [];
    this.#deadline = Infinity;
  }

  #align(alignment: number): void {
    const padding = this.#isa.padding;
    const end = Math.ceil(this.#length / alignment) * alignment;
    this.#reserve(end - this.#length);
    for (let k = 0; this.#length < end; k++) {
      this.#bytes[this.#length++] = padding[k % padding.length] as number;
    }
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const wider = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    wider.set(this.#bytes);
    this.#bytes = wider;
  }
}

function inReach(kind: FixupKind, distance: number): boolean {
  return distance >= kind.min && distance <= kind.max;
}
