/**
 * Unwind information: `.eh_frame` with one CIE and a frame description per function, for the body,
 * the prologue, and what runs before it without a frame. Epilogues are not described: in them a
 * debugger may see a frame too many or too few.
 *
 * @module
 */
import type { ObjectTarget } from "../codegen/object_target.ts";
import type { CodeObject, CodeSymbol } from "../link/code_object.ts";
import { ByteWriter } from "./byte_writer.ts";

/** Where a frame description names its function: a distance of 32 bits, to be filled in. */
export interface FunctionReference {
  /** Offset in the section of the field. */
  readonly at: number;
  readonly symbol: CodeSymbol;
}

/** The section, and its references to functions, which are zero. */
export interface EhFrame {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly references: readonly FunctionReference[];
}

/** DWARF call frame instructions; the two with operands in their low bits are ORed with them. */
const Cfa = {
  advanceLoc: 0x40,
  offset: 0x80,
  nop: 0,
  advanceLoc1: 2,
  advanceLoc4: 4,
  offsetExtended: 5,
  defCfa: 12,
} as const;
/** All offsets from the frame's address are multiples of -8. */
const DATA_ALIGNMENT = -8;
/** Pointers are signed distances of 32 bits. */
const PC_RELATIVE_32 = 0x1b;

/**
 * Describes the frames of all functions and trampolines.
 * @param isWhole whether nothing follows: what a linker puts together must not end before
 */
export function writeEhFrame(code: CodeObject, target: ObjectTarget, isWhole: boolean): EhFrame {
  const out = new ByteWriter();
  const references: FunctionReference[] = [];
  writeEntry(out, () => {
    out.u32(0); // it is a CIE
    out.u8(1);
    out.zeroTerminated("zR");
    out.uleb(target.codeUnit);
    out.sleb(DATA_ALIGNMENT);
    out.uleb(target.returnAddress);
    out.uleb(1);
    out.u8(PC_RELATIVE_32);
    out.u8(Cfa.defCfa);
    out.uleb(target.stackPointer);
    out.uleb(target.pushedByCall);
    if (target.pushedByCall > 0) writeSaved(out, target.returnAddress, target.pushedByCall);
  });
  for (const symbol of code.symbols) {
    const { start, length } = symbol.location;
    writeEntry(out, () => {
      out.u32(out.length); // distance back to the CIE, which is the first entry
      references.push({ at: out.length, symbol });
      out.u32(0);
      out.u32(length);
      out.uleb(0);
      if (!symbol.frame.hasFramePointer) return;
      const { start: prologue } = symbol.frame;
      const rules = new RuleWriter(out, target.codeUnit, prologue);
      const end = start + symbol.instructionBytes;
      target.describePrologue(code.text, start + prologue, end, rules);
    });
  }
  if (isWhole) out.u32(0);
  return { bytes: out.finish(), references };
}

/** Writes the frame rules of one function, whose prologue stands at an offset: places count from it. */
class RuleWriter {
  #at: number;
  constructor(readonly out: ByteWriter, readonly unit: number, prologue: number) {
    this.#at = -prologue;
  }

  frameAddress(at: number, register: number, offset: number): void {
    this.#advance(at);
    this.out.u8(Cfa.defCfa);
    this.out.uleb(register);
    this.out.uleb(offset);
  }
  saved(at: number, register: number, below: number): void {
    this.#advance(at);
    writeSaved(this.out, register, below);
  }
  #advance(at: number): void {
    const units = (at - this.#at) / this.unit;
    this.#at = at;
    if (units === 0) return;
    if (units < 64) this.out.u8(Cfa.advanceLoc | units);
    else if (units < 256) {
      this.out.u8(Cfa.advanceLoc1);
      this.out.u8(units);
    } else {
      this.out.u8(Cfa.advanceLoc4);
      this.out.u32(units);
    }
  }
}

function writeSaved(out: ByteWriter, register: number, below: number): void {
  if (register < 64) out.u8(Cfa.offset | register);
  else {
    out.u8(Cfa.offsetExtended);
    out.uleb(register);
  }
  out.uleb(below / -DATA_ALIGNMENT);
}

/** An entry: its length without the length field, and content up to a multiple of 8. */
function writeEntry(out: ByteWriter, writeContent: () => void): void {
  const start = out.length;
  out.u32(0);
  writeContent();
  while ((out.length - start) % 8 !== 0) out.u8(Cfa.nop);
  out.patchU32(start, out.length - start - 4);
}
