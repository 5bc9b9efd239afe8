/**
 * Rows of the features that can be disabled, all for bits, as `instructions.ts` has the others. LZCNT, TZCNT and POPCNT look
 * like BSR, BSF and nothing with a prefix; BMI1 and BMI2 have VEX encodings, which are safe for general
 * registers (those of vectors are not: Unicorn executes them as something else).
 *
 * @module
 */
import { ofFeature } from "../../lib/codegen/features.ts";
import { Feature } from "./features.ts";

// deno-fmt-ignore: one instruction per line
const lzcntRows = ofFeature(Feature.lzcnt, {
  lzcnt32_rr: { code: "F3 0F BD /r", asm: "lzcnt {r:32}, {b:32}", def: "r" },
  lzcnt32_rm: { code: "F3 0F BD /r", asm: "lzcnt {r:32}, {m:32}", def: "r" },
  lzcnt64_rr: { code: "F3 REX.W 0F BD /r", asm: "lzcnt {r:64}, {b:64}", def: "r" },
  lzcnt64_rm: { code: "F3 REX.W 0F BD /r", asm: "lzcnt {r:64}, {m:64}", def: "r" },
});

// deno-fmt-ignore: one instruction per line
const popcntRows = ofFeature(Feature.popcnt, {
  popcnt32_rr: { code: "F3 0F B8 /r", asm: "popcnt {r:32}, {b:32}", def: "r" },
  popcnt32_rm: { code: "F3 0F B8 /r", asm: "popcnt {r:32}, {m:32}", def: "r" },
  popcnt64_rr: { code: "F3 REX.W 0F B8 /r", asm: "popcnt {r:64}, {b:64}", def: "r" },
  popcnt64_rm: { code: "F3 REX.W 0F B8 /r", asm: "popcnt {r:64}, {m:64}", def: "r" },
});

// deno-fmt-ignore: one instruction per line
/** `andn` inverts its second operand; `blsr` clears the lowest one, `blsmsk` has the bits up to it. */
const bmi1Rows = ofFeature(Feature.bmi1, {
  tzcnt32_rr: { code: "F3 0F BC /r", asm: "tzcnt {r:32}, {b:32}", def: "r" },
  tzcnt32_rm: { code: "F3 0F BC /r", asm: "tzcnt {r:32}, {m:32}", def: "r" },
  tzcnt64_rr: { code: "F3 REX.W 0F BC /r", asm: "tzcnt {r:64}, {b:64}", def: "r" },
  tzcnt64_rm: { code: "F3 REX.W 0F BC /r", asm: "tzcnt {r:64}, {m:64}", def: "r" },
  andn32_rr: { code: "VEX.LZ.0F38.W0 F2 /r", asm: "andn {r:32}, {v:32}, {b:32}", def: "r" },
  andn32_rm: { code: "VEX.LZ.0F38.W0 F2 /r", asm: "andn {r:32}, {v:32}, {m:32}", def: "r" },
  andn64_rr: { code: "VEX.LZ.0F38.W1 F2 /r", asm: "andn {r:64}, {v:64}, {b:64}", def: "r" },
  andn64_rm: { code: "VEX.LZ.0F38.W1 F2 /r", asm: "andn {r:64}, {v:64}, {m:64}", def: "r" },
  blsr32_rr: { code: "VEX.LZ.0F38.W0 F3 /1", asm: "blsr {v:32}, {b:32}", def: "v" },
  blsr64_rr: { code: "VEX.LZ.0F38.W1 F3 /1", asm: "blsr {v:64}, {b:64}", def: "v" },
  blsmsk32_rr: { code: "VEX.LZ.0F38.W0 F3 /2", asm: "blsmsk {v:32}, {b:32}", def: "v" },
  blsmsk64_rr: { code: "VEX.LZ.0F38.W1 F3 /2", asm: "blsmsk {v:64}, {b:64}", def: "v" },
  blsi32_rr: { code: "VEX.LZ.0F38.W0 F3 /3", asm: "blsi {v:32}, {b:32}", def: "v" },
  blsi64_rr: { code: "VEX.LZ.0F38.W1 F3 /3", asm: "blsi {v:64}, {b:64}", def: "v" },
});

// deno-fmt-ignore: one instruction per line
const bmi2Rows = ofFeature(Feature.bmi2, {
  shlx32_rr: { code: "VEX.LZ.66.0F38.W0 F7 /r", asm: "shlx {r:32}, {b:32}, {v:32}", def: "r" },
  shlx32_rm: { code: "VEX.LZ.66.0F38.W0 F7 /r", asm: "shlx {r:32}, {m:32}, {v:32}", def: "r" },
  shlx64_rr: { code: "VEX.LZ.66.0F38.W1 F7 /r", asm: "shlx {r:64}, {b:64}, {v:64}", def: "r" },
  shlx64_rm: { code: "VEX.LZ.66.0F38.W1 F7 /r", asm: "shlx {r:64}, {m:64}, {v:64}", def: "r" },
  sarx32_rr: { code: "VEX.LZ.F3.0F38.W0 F7 /r", asm: "sarx {r:32}, {b:32}, {v:32}", def: "r" },
  sarx32_rm: { code: "VEX.LZ.F3.0F38.W0 F7 /r", asm: "sarx {r:32}, {m:32}, {v:32}", def: "r" },
  sarx64_rr: { code: "VEX.LZ.F3.0F38.W1 F7 /r", asm: "sarx {r:64}, {b:64}, {v:64}", def: "r" },
  sarx64_rm: { code: "VEX.LZ.F3.0F38.W1 F7 /r", asm: "sarx {r:64}, {m:64}, {v:64}", def: "r" },
  shrx32_rr: { code: "VEX.LZ.F2.0F38.W0 F7 /r", asm: "shrx {r:32}, {b:32}, {v:32}", def: "r" },
  shrx32_rm: { code: "VEX.LZ.F2.0F38.W0 F7 /r", asm: "shrx {r:32}, {m:32}, {v:32}", def: "r" },
  shrx64_rr: { code: "VEX.LZ.F2.0F38.W1 F7 /r", asm: "shrx {r:64}, {b:64}, {v:64}", def: "r" },
  shrx64_rm: { code: "VEX.LZ.F2.0F38.W1 F7 /r", asm: "shrx {r:64}, {m:64}, {v:64}", def: "r" },
  rorx32_rri: { code: "VEX.LZ.F2.0F3A.W0 F0 /r ib", asm: "rorx {r:32}, {b:32}, {i:u8}", def: "r" },
  rorx32_rmi: { code: "VEX.LZ.F2.0F3A.W0 F0 /r ib", asm: "rorx {r:32}, {m:32}, {i:u8}", def: "r" },
  rorx64_rri: { code: "VEX.LZ.F2.0F3A.W1 F0 /r ib", asm: "rorx {r:64}, {b:64}, {i:u8}", def: "r" },
  rorx64_rmi: { code: "VEX.LZ.F2.0F3A.W1 F0 /r ib", asm: "rorx {r:64}, {m:64}, {i:u8}", def: "r" },
});

/** The rows of all of them. */
export const extensionRows = { ...lzcntRows, ...popcntRows, ...bmi1Rows, ...bmi2Rows };
