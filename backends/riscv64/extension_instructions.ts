/**
 * Rows of the extensions that are optional, as `instructions.ts` has those of RV64GC: bit
 * manipulation ("B" of the manual: Zba, Zbb, Zbs) and conditional operations (Zicond).
 *
 * @module
 */
import { ofFeature } from "../../lib/codegen/features.ts";
import { Feature } from "./features.ts";

// deno-fmt-ignore: one instruction per line
/** Sums with a shifted or zero-extended operand. */
const addresses = ofFeature(Feature.zba, {
  add_uw: { bits: "0000100 t s 000 d 0111011", asm: "add.uw {d}, {s}, {t}" },
  sh1add: { bits: "0010000 t s 010 d 0110011", asm: "sh1add {d}, {s}, {t}" },
  sh2add: { bits: "0010000 t s 100 d 0110011", asm: "sh2add {d}, {s}, {t}" },
  sh3add: { bits: "0010000 t s 110 d 0110011", asm: "sh3add {d}, {s}, {t}" },
  sh1add_uw: { bits: "0010000 t s 010 d 0111011", asm: "sh1add.uw {d}, {s}, {t}" },
  sh2add_uw: { bits: "0010000 t s 100 d 0111011", asm: "sh2add.uw {d}, {s}, {t}" },
  sh3add_uw: { bits: "0010000 t s 110 d 0111011", asm: "sh3add.uw {d}, {s}, {t}" },
  slli_uw: { bits: "000010 u[5:0] s 001 d 0011011", asm: "slli.uw {d}, {s}, {i}" },
});

// deno-fmt-ignore: one instruction per line
const bits = ofFeature(Feature.zbb, {
  andn: { bits: "0100000 t s 111 d 0110011", asm: "andn {d}, {s}, {t}" },
  orn: { bits: "0100000 t s 110 d 0110011", asm: "orn {d}, {s}, {t}" },
  xnor: { bits: "0100000 t s 100 d 0110011", asm: "xnor {d}, {s}, {t}" },
  clz: { bits: "0110000 00000 s 001 d 0010011", asm: "clz {d}, {s}" },
  clzw: { bits: "0110000 00000 s 001 d 0011011", asm: "clzw {d}, {s}" },
  ctz: { bits: "0110000 00001 s 001 d 0010011", asm: "ctz {d}, {s}" },
  ctzw: { bits: "0110000 00001 s 001 d 0011011", asm: "ctzw {d}, {s}" },
  cpop: { bits: "0110000 00010 s 001 d 0010011", asm: "cpop {d}, {s}" },
  cpopw: { bits: "0110000 00010 s 001 d 0011011", asm: "cpopw {d}, {s}" },
  max: { bits: "0000101 t s 110 d 0110011", asm: "max {d}, {s}, {t}" },
  maxu: { bits: "0000101 t s 111 d 0110011", asm: "maxu {d}, {s}, {t}" },
  min: { bits: "0000101 t s 100 d 0110011", asm: "min {d}, {s}, {t}" },
  minu: { bits: "0000101 t s 101 d 0110011", asm: "minu {d}, {s}, {t}" },
  sext_b: { bits: "0110000 00100 s 001 d 0010011", asm: "sext.b {d}, {s}" },
  sext_h: { bits: "0110000 00101 s 001 d 0010011", asm: "sext.h {d}, {s}" },
  zext_h: { bits: "0000100 00000 s 100 d 0111011", asm: "zext.h {d}, {s}" },
  rol: { bits: "0110000 t s 001 d 0110011", asm: "rol {d}, {s}, {t}" },
  rolw: { bits: "0110000 t s 001 d 0111011", asm: "rolw {d}, {s}, {t}" },
  ror: { bits: "0110000 t s 101 d 0110011", asm: "ror {d}, {s}, {t}" },
  rorw: { bits: "0110000 t s 101 d 0111011", asm: "rorw {d}, {s}, {t}" },
  rori: { bits: "011000 u[5:0] s 101 d 0010011", asm: "rori {d}, {s}, {i}" },
  roriw: { bits: "0110000 u[4:0] s 101 d 0011011", asm: "roriw {d}, {s}, {i}" },
  rev8: { bits: "011010111000 s 101 d 0010011", asm: "rev8 {d}, {s}" },
});

// deno-fmt-ignore: one instruction per line
const singleBits = ofFeature(Feature.zbs, {
  bclr: { bits: "0100100 t s 001 d 0110011", asm: "bclr {d}, {s}, {t}" },
  bclri: { bits: "010010 u[5:0] s 001 d 0010011", asm: "bclri {d}, {s}, {i}" },
  bext: { bits: "0100100 t s 101 d 0110011", asm: "bext {d}, {s}, {t}" },
  bexti: { bits: "010010 u[5:0] s 101 d 0010011", asm: "bexti {d}, {s}, {i}" },
  binv: { bits: "0110100 t s 001 d 0110011", asm: "binv {d}, {s}, {t}" },
  binvi: { bits: "011010 u[5:0] s 001 d 0010011", asm: "binvi {d}, {s}, {i}" },
  bset: { bits: "0010100 t s 001 d 0110011", asm: "bset {d}, {s}, {t}" },
  bseti: { bits: "001010 u[5:0] s 001 d 0010011", asm: "bseti {d}, {s}, {i}" },
});

// deno-fmt-ignore: one instruction per line
/** Zero where the last operand is zero (`eqz`), or is not (`nez`). */
const conditional = ofFeature(Feature.zicond, {
  czero_eqz: { bits: "0000111 t s 101 d 0110011", asm: "czero.eqz {d}, {s}, {t}" },
  czero_nez: { bits: "0000111 t s 111 d 0110011", asm: "czero.nez {d}, {s}, {t}" },
});

/** The rows of all of them. */
export const extensionRows = { ...addresses, ...bits, ...singleBits, ...conditional };
