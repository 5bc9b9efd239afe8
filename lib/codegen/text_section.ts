/**
 * Puts compiled functions one behind the other into a text section, resolves the calls between them,
 * and inserts veneers where a call does not reach its target.
 *
 * A veneer is a piece of code that jumps any distance. Veneers stand in islands between functions. An
 * island is written as soon as waiting for the end of the next function would put a pending call out
 * of reach of it, and has veneers only for the calls that cannot wait: the others may still see their
 * target placed nearby, or share the veneer that another call needs.
 *
 * @module
 */
import { assert } from "../base/errors.ts";
import type { FixupKind, Isa } from "./isa.ts";

/** A field in the text that refers to a function of the text. */
export interface TextRelocation {
  /** Offset in the function's code of the instruction to patch. */
  readonly offset: number;
  /** Position in the instruction set's `relocations`. */
  readonly kind: number;
  /** Number of the function that is referred to, in the order of `append`. */
  readonly target: number;
  readonly addend: number;
}

/** A relocation whose target is not placed yet, or not in reach. */
interface PendingFixup {
  /** Offset in the text of the instruction to patch. */
  readonly at: number;
  readonly kind: FixupKind;
  readonly addend: number;
}

/** What {@linkcode TextSectionBuilder} needs of an instruction set. */
export type TextSectionIsa = Pick<
  Isa,
  "relocations" | "veneer" | "functionAlignment" | "padding"
>;

/**
 * Bytes behind a function's code within which all veneers that its own calls may need have a place:
 * a call that does not reach so far needs a form that reaches any distance.
 */
export function islandBytes(isa: TextSectionIsa, relocationCount: number): number {
  return (relocationCount + 1) * isa.veneer.size + isa.veneer.alignment;
}

/** No function is aligned to more bytes than this. */
const MOST_ALIGNMENT = 64;

/** Builds one text section; functions are numbered in the order of `append`. */
export class TextSectionBuilder {
  readonly #isa: TextSectionIsa;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1 << 16);
  #length = 0;
  readonly #placed: number[] = [];
  /** By target. Those whose target is placed do not reach it. */
  readonly #pending = new Map<number, PendingFixup[]>();
  /** No pending call has to find its veneer at a lower offset than this. */
  #deadline = Infinity;
  /** By target, where its last veneer stands. */
  readonly #lastVeneer = new Map<number, number>();
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

  /**
   * Appends code at the next multiple of `alignment`, with its relocations by ascending offset, whose
   * targets may be appended later; returns its offset in the text.
   */
  append(code: Uint8Array, alignment: number, relocations: readonly TextRelocation[]): number {
    alignment = Math.max(alignment, this.#isa.functionAlignment);
    this.#makeRoom(code.length + alignment, relocations);
    this.#align(alignment);
    const offset = this.#length;
    this.#reserve(code.length);
    this.#bytes.set(code, offset);
    this.#length += code.length;
    this.#place(offset);
    for (const relocation of relocations) this.#relocate(offset, relocation);
    return offset;
  }

  /**
   * Resolves what is pending and returns the text.
   * @throws InternalError when a target was never appended
   */
  finish(): Uint8Array<ArrayBuffer> {
    this.#writeIsland(Infinity);
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

  /** Writes an island if something cannot wait until `byteLength` more bytes are placed. */
  #makeRoom(byteLength: number, relocations: readonly TextRelocation[]): void {
    const next = this.#length + byteLength;
    const latest = next + islandBytes(this.#isa, this.#pending.size + relocations.length);
    let deadline = this.#deadline;
    if (this.#pending.size > 0) {
      // The new function's own calls are served first; what is pending must leave them room for that.
      for (const { offset, kind } of relocations) {
        const { max } = this.#isa.relocations[kind] as FixupKind;
        deadline = Math.min(deadline, this.#length + offset + max);
      }
    }
    if (latest > deadline) this.#writeIsland(latest);
  }

  /** Says that a function stands at `offset`, and patches the calls of it that reach so far. */
  #place(offset: number): void {
    const target = this.#placed.push(offset) - 1, fixups = this.#pending.get(target);
    if (fixups === undefined) return;
    const rest = fixups.filter((fixup) => !this.#patch(fixup, offset));
    if (rest.length === 0) this.#pending.delete(target);
    else this.#pending.set(target, rest);
  }

  #relocate(start: number, { offset, kind, target, addend }: TextRelocation): void {
    const fixup = { at: start + offset, kind: this.#isa.relocations[kind] as FixupKind, addend };
    const placed = this.#placed[target];
    if (placed !== undefined && this.#patch(fixup, placed)) return;
    const fixups = this.#pending.get(target);
    if (fixups) fixups.push(fixup);
    else this.#pending.set(target, [fixup]);
    this.#deadline = Math.min(this.#deadline, fixup.at + fixup.kind.max);
  }

  /** Makes a call lead to an offset; false where it does not reach it. */
  #patch({ at, kind, addend }: PendingFixup, to: number): boolean {
    const distance = to + addend - at;
    if (distance < kind.min || distance > kind.max) return false;
    kind.patch(this.#bytes, at, distance);
    return true;
  }

  /** Writes veneers for the calls that do not reach beyond `latest` and need one. */
  #writeIsland(latest: number): void {
    const urgent: { target: number; deadline: number }[] = [];
    this.#deadline = Infinity;
    for (const [target, fixups] of this.#pending) {
      const deadline = deadlineOf(fixups);
      if (deadline >= latest) this.#deadline = Math.min(this.#deadline, deadline);
      else urgent.push({ target, deadline });
    }
    urgent.sort((a, b) => a.deadline - b.deadline);
    // The function that comes next is in reach of most of its callers.
    const next = latest === Infinity
      ? Infinity
      : this.#length + islandBytes(this.#isa, urgent.length) + MOST_ALIGNMENT;
    for (const { target, deadline } of urgent) {
      if (target !== this.#placed.length || deadline < next) this.#serve(target, latest);
    }
  }

  /** Makes the urgent calls of one function lead to an earlier veneer or to a new one. */
  #serve(target: number, latest: number): void {
    let veneer = this.#lastVeneer.get(target);
    const rest = (this.#pending.get(target) as PendingFixup[]).filter((fixup) => {
      const { at, kind, addend } = fixup;
      if (at + kind.max >= latest) return true;
      assert(addend === 0, () => `relocation at ${at} with an addend needs a veneer`);
      if (veneer === undefined || !this.#patch(fixup, veneer)) {
        veneer = this.#writeVeneer(target);
        const isPatched = this.#patch(fixup, veneer);
        assert(isPatched, () => `veneer of the call at ${at} is out of its reach`);
      }
      return false;
    });
    if (rest.length === 0) this.#pending.delete(target);
    else {
      this.#pending.set(target, rest);
      this.#deadline = Math.min(this.#deadline, deadlineOf(rest));
    }
  }

  #writeVeneer(target: number): number {
    const { size, alignment } = this.#isa.veneer;
    this.#align(alignment);
    const at = this.#length;
    this.#reserve(size);
    this.#length += size;
    this.#veneers.push({ at, target });
    this.#lastVeneer.set(target, at);
    return at;
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

/** The offset beyond which some of these calls find no veneer; infinite when there are none. */
function deadlineOf(fixups: readonly PendingFixup[]): number {
  let deadline = Infinity;
  for (const { at, kind } of fixups) deadline = Math.min(deadline, at + kind.max);
  return deadline;
}
