/**
 * RISC-V in object files: the numbers of the psABI, and the prologue of `frame_layout.ts` as
 * unwinders see it.
 *
 * @module
 */
import type { AttributesSection, ObjectTarget } from "../../lib/codegen/object_target.ts";
import { featureNames } from "../../lib/codegen/features.ts";
import { cpuFeatures, Feature } from "./features.ts";

const EM_RISCV = 243;
const R_RISCV_32 = 1;
const R_RISCV_64 = 2;
/** Bits of `e_flags`: there are compressed instructions; floats are passed in registers of 64 bits. */
const EF_RISCV_RVC = 1, EF_RISCV_FLOAT_ABI_DOUBLE = 4;
const SHT_RISCV_ATTRIBUTES = 0x70000003;
const R_RISCV_JAL = 17;
const R_RISCV_CALL_PLT = 19;
const R_RISCV_32_PCREL = 57;

const RA = 1, SP = 2, FP = 8;

/** ELF and DWARF for RISC-V with these features. */
export function objectWith(featureBits: number): ObjectTarget {
  const isCompressed = (featureBits & Feature.c) !== 0;
  return {
    ...common,
    flags: EF_RISCV_FLOAT_ABI_DOUBLE | (isCompressed ? EF_RISCV_RVC : 0),
    attributes: attributes(featureBits),
    codeUnit: isCompressed ? 2 : 4,
  };
}

const common: Omit<ObjectTarget, "flags" | "codeUnit"> = {
  machine: EM_RISCV,
  relocations: [
    { type: R_RISCV_JAL, offset: 0, addend: 0 },
    { type: R_RISCV_CALL_PLT, offset: 0, addend: 0 },
  ],
  distance32: R_RISCV_32_PCREL,
  absolute32: R_RISCV_32,
  absolute64: R_RISCV_64,
  hasMappingSymbols: true,
  stackPointer: SP,
  returnAddress: RA,
  pushedByCall: 0,
  describePrologue(bytes, start, end, rules): void {
    let size = 0;
    for (let at = start; at + 2 <= end;) {
      const low = (bytes[at] as number) | (bytes[at + 1] as number) << 8;
      const isLong = (low & 3) === 3;
      if (isLong && at + 4 > end) return;
      const word = isLong
        ? low | (bytes[at + 2] as number) << 16 | (bytes[at + 3] as number) << 24
        : low;
      at += isLong ? 4 : 2;
      const next = at - start;
      const step = isLong ? longStep(word) : shortStep(word);
      const register = isLong ? longStore(word) : shortStore(word);
      if (step < 0 && size === 0) {
        size = -step;
        rules.frameAddress(next, SP, size);
      } else if (register !== 0) {
        const offset = isLong ? longStoreOffset(word) : shortStoreOffset(word);
        // Float registers stand in the columns from 32 on.
        rules.saved(next, register, size - offset);
      } else {
        // The frame pointer points at the saved one, 16 bytes below the caller's stack pointer.
        if (setsFramePointer(word, isLong)) rules.frameAddress(next, FP, 16);
        return;
      }
    }
  },
};

/** `addi sp, sp, n`: n, else 0. */
function longStep(word: number): number {
  return (word & 0xfffff) === 0x10113 ? word >> 20 : 0;
}
/** `c.addi16sp n` and `c.addi sp, n`: n, else 0. */
function shortStep(word: number): number {
  if ((word & 0xef83) === 0x6101) {
    const magnitude = (word >> 6 & 1) << 4 | (word >> 2 & 1) << 5 | (word >> 5 & 1) << 6 |
      (word >> 3 & 3) << 7;
    return magnitude - (word >> 12 & 1) * 512;
  }
  return (word & 0xef83) === 0x0101 ? (word >> 2 & 31) - (word >> 12 & 1) * 32 : 0;
}

/** The register that `sd` or `fsd` stores at the stack pointer, 0 for other instructions. */
function longStore(word: number): number {
  const isStore = (word & 0x707f) === 0x3023, isFloat = (word & 0x707f) === 0x3027;
  if ((!isStore && !isFloat) || (word >> 15 & 31) !== SP) return 0;
  return (word >> 20 & 31) + (isFloat ? 32 : 0);
}
function longStoreOffset(word: number): number {
  return word >> 25 << 5 | (word >> 7 & 31);
}
/** The same of `c.sdsp` and `c.fsdsp`. */
function shortStore(word: number): number {
  const code = word & 0xe003;
  if (code !== 0xe002 && code !== 0xa002) return 0;
  return (word >> 2 & 31) + (code === 0xa002 ? 32 : 0);
}
function shortStoreOffset(word: number): number {
  return (word >> 10 & 7) << 3 | (word >> 7 & 7) << 6;
}

/** `addi s0, sp, n` or `c.addi4spn s0, n`. */
function setsFramePointer(word: number, isLong: boolean): boolean {
  return isLong ? (word & 0xfffff) === 0x10413 : (word & 0xe01f) === 0 && word >> 5 !== 0;
}

// ── Attributes ──────────────────────────────────────────────────────────────────────────────────

/** Tags of the psABI, chapter "Attributes". */
const Tag = { file: 1, stackAlign: 4, arch: 5, unalignedAccess: 6 } as const;

/** What is there whatever the features are; the version of an extension is that of its ratification. */
const baseArchitecture = ["rv64i2p1", "m2p0", "a2p1", "f2p2", "d2p2"];
/** The order of the manual: single letters, then `z` by the letter behind it, as the base has it. */
const versions: Readonly<Record<string, string>> = {
  c: "2p0",
  zicond: "1p0",
  zba: "1p0",
  zbb: "1p0",
  zbs: "1p0",
};

/**
 * The section by which disassemblers know the extensions. Objects whose architectures differ can be
 * linked; the linker states all that either needs.
 */
function attributes(featureBits: number): AttributesSection {
  const enabled = featureNames(cpuFeatures.features, featureBits);
  const extensions = Object.keys(versions).filter((name) => enabled.includes(name));
  const architecture = [
    ...baseArchitecture,
    ...extensions.map((name) => name + versions[name]),
  ].join("_");
  const text = (value: string): number[] => [...new TextEncoder().encode(value), 0];
  const tags = [
    ...[Tag.stackAlign, 16],
    ...[Tag.arch, ...text(architecture)],
    ...[Tag.unalignedAccess, 1],
  ];
  // A length counts itself and, in the inner block, the tag before it.
  const length = (bytes: number): number[] => [bytes, bytes >> 8, bytes >> 16, bytes >> 24];
  const file = [Tag.file, ...length(5 + tags.length), ...tags];
  const vendor = text("riscv");
  const bytes = [0x41, ...length(4 + vendor.length + file.length), ...vendor, ...file]; // 'A'
  return {
    name: ".riscv.attributes",
    type: SHT_RISCV_ATTRIBUTES,
    bytes: Uint8Array.from(bytes),
  };
}
