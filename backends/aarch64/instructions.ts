/**
 * The instruction table of AArch64: Armv8.0-A with its scalar floats and a little of Advanced SIMD.
 * Encoder, disassembler, operand roles and boundary tests are derived from it.
 *
 * Names are the mnemonic and a suffix: `w` and `x` for the width; then `i` for an immediate and `e`
 * for an extended register as last operand. Loads and stores are `ldr_w` (scaled immediate), `ldur_w`
 * (any immediate of 9 bits), `ldr_w_r` (x index) and `ldr_w_u` (w index); the four stand in that
 * order.
 *
 * @module
 */
import { conventionRows } from "../../lib/codegen/instruction_rows.ts";
import { extensionRows } from "./extension_instructions.ts";
import { both, compileTable, type InstructionTable, type Row } from "./instruction_format.ts";
import { vectorRows } from "./vector_instructions.ts";

/** Rows for single and double precision: `y` among the bits is the type, kind `f` follows it. */
function floats<N extends string>(name: N, row: Row): Record<`${N}_s` | `${N}_d`, Row> {
  const rows: Record<string, Row> = {};
  for (const [type, y] of [["s", "00"], ["d", "01"]] as const) {
    rows[`${name}_${type}`] = {
      ...row,
      bits: (row.bits as string).replace(/\by\b/, y),
      asm: (row.asm as string).replace(/:f\}/g, `:${type}}`),
    };
  }
  return rows as Record<`${N}_s` | `${N}_d`, Row>;
}

/** Conversions between an integer and a float register: `cvt_w_s`, …; kinds `r` and `f`. */
function conversions<N extends string>(
  name: N,
  row: Row,
): Record<`${N}_${"w" | "x"}_${"s" | "d"}`, Row> {
  const rows: Record<string, Row> = {};
  for (const [width, z] of [["w", "0"], ["x", "1"]] as const) {
    for (const [type, y] of [["s", "00"], ["d", "01"]] as const) {
      rows[`${name}_${width}_${type}`] = {
        ...row,
        bits: (row.bits as string).replace(/\bz/, z).replace(/\by\b/, y),
        asm: (row.asm as string).replace(/:f\}/g, `:${type}}`).replace(/:r\}/g, `:${width}}`),
      };
    }
  }
  return rows as Record<`${N}_${"w" | "x"}_${"s" | "d"}`, Row>;
}

/** The four rows of one kind of access; `size` is a logarithm. */
function access<N extends string>(
  mnemonic: string,
  name: N,
  register: string,
  size: 0 | 1 | 2 | 3 | 4,
  bits: { readonly size: string; readonly vector: "0" | "1"; readonly op: string },
): Record<`${N}` | `${N}_r` | `${N}_u` | `u${N}`, Row> {
  const def = mnemonic.startsWith("ld") ? { def: "t" } : {};
  const unscaled = mnemonic.replace(/^(ld|st)/, "$1u");
  const { vector, op } = bits, head = `${bits.size} 111 ${vector}`;
  const rows: Record<string, Row> = {
    [name]: {
      bits: `${head} 01 ${op} i n t`,
      asm: `${mnemonic} {t:${register}}, [{n:xsp}{i:u12x${size}}]`,
      ...def,
    },
    [`u${name}`]: {
      bits: `${head} 00 ${op} 0 i 00 n t`,
      asm: `${unscaled} {t:${register}}, [{n:xsp}{i:s9}]`,
      ...def,
    },
    [`${name}_r`]: {
      bits: `${head} 00 ${op} 1 m 011 e 10 n t`,
      asm: `${mnemonic} {t:${register}}, [{n:xsp}, {m:x}{e:lsl${size}}]`,
      ...def,
    },
    [`${name}_u`]: {
      bits: `${head} 00 ${op} 1 m 010 e 10 n t`,
      asm: `${mnemonic} {t:${register}}, [{n:xsp}, {m:w}{e:uxtw${size}}]`,
      ...def,
    },
  };
  return rows as Record<`${N}` | `${N}_r` | `${N}_u` | `u${N}`, Row>;
}

// deno-fmt-ignore: one instruction per line
/** The rows, machine instructions first. */
export const rows = {
  // Sums. A shift or extension is part of the last register operand
  ...both("add", "", { bits: "z 0 0 01011 s[7:6] 0 m s[5:0] n d", asm: "add {d:r}, {n:r}, {m:r}{s:shift}", def: "d" }),
  ...both("sub", "", { bits: "z 1 0 01011 s[7:6] 0 m s[5:0] n d", asm: "sub {d:r}, {n:r}, {m:r}{s:shift}", def: "d" }),
  ...both("neg", "", { bits: "z 1 0 01011 s[7:6] 0 m s[5:0] 11111 d", asm: "neg {d:r}, {m:r}{s:shift}", def: "d" }),
  ...both("cmp", "", { bits: "z 1 1 01011 s[7:6] 0 m s[5:0] n 11111", asm: "cmp {n:r}, {m:r}{s:shift}" }),
  ...both("cmn", "", { bits: "z 0 1 01011 s[7:6] 0 m s[5:0] n 11111", asm: "cmn {n:r}, {m:r}{s:shift}" }),
  ...both("add", "i", { bits: "z 0 0 100010 i n d", asm: "add {d:rsp}, {n:rsp}, {i:arith}", def: "d" }),
  ...both("sub", "i", { bits: "z 1 0 100010 i n d", asm: "sub {d:rsp}, {n:rsp}, {i:arith}", def: "d" }),
  ...both("cmp", "i", { bits: "z 1 1 100010 i n 11111", asm: "cmp {n:rsp}, {i:arith}" }),
  ...both("cmn", "i", { bits: "z 0 1 100010 i n 11111", asm: "cmn {n:rsp}, {i:arith}" }),
  mov_to_sp: { bits: "1 0 0 100010 0000000000000 n 11111", asm: "mov sp, {n:xsp}" },
  mov_from_sp: { bits: "1 0 0 100010 0000000000000 11111 d", asm: "mov {d:xsp}, sp", def: "d" },
  ...both("add", "e", { bits: "z 0 0 01011001 m e n d", asm: "add {d:rsp}, {n:rsp}, {m:w}{e:extend}", def: "d" }),
  ...both("sub", "e", { bits: "z 1 0 01011001 m e n d", asm: "sub {d:rsp}, {n:rsp}, {m:w}{e:extend}", def: "d" }),
  ...both("cmp", "e", { bits: "z 1 1 01011001 m e n 11111", asm: "cmp {n:rsp}, {m:w}{e:extend}" }),

  // Logic
  ...both("and", "", { bits: "z 00 01010 s[7:6] 0 m s[5:0] n d", asm: "and {d:r}, {n:r}, {m:r}{s:rotate}", def: "d" }),
  ...both("bic", "", { bits: "z 00 01010 s[7:6] 1 m s[5:0] n d", asm: "bic {d:r}, {n:r}, {m:r}{s:rotate}", def: "d" }),
  ...both("orr", "", { bits: "z 01 01010 s[7:6] 0 m s[5:0] n d", asm: "orr {d:r}, {n:r}, {m:r}{s:rotate}", def: "d" }),
  ...both("orn", "", { bits: "z 01 01010 s[7:6] 1 m s[5:0] n d", asm: "orn {d:r}, {n:r}, {m:r}{s:rotate}", def: "d" }),
  ...both("eor", "", { bits: "z 10 01010 s[7:6] 0 m s[5:0] n d", asm: "eor {d:r}, {n:r}, {m:r}{s:rotate}", def: "d" }),
  ...both("eon", "", { bits: "z 10 01010 s[7:6] 1 m s[5:0] n d", asm: "eon {d:r}, {n:r}, {m:r}{s:rotate}", def: "d" }),
  ...both("tst", "", { bits: "z 11 01010 s[7:6] 0 m s[5:0] n 11111", asm: "tst {n:r}, {m:r}{s:rotate}" }),
  ...both("mvn", "", { bits: "z 01 01010 s[7:6] 1 m s[5:0] 11111 d", asm: "mvn {d:r}, {m:r}{s:rotate}", def: "d" }),
  mov_w: { bits: "00101010000 m 000000 11111 d", asm: "mov {d:w}, {m:w}", def: "d" },
  mov_x: { bits: "10101010000 m 000000 11111 d", asm: "mov {d:x}, {m:x}", def: "d", move: true },
  ...both("and", "i", { bits: "z 00 100100 i n d", asm: "and {d:rsp}, {n:r}, {i:logic}", def: "d" }),
  ...both("orr", "i", { bits: "z 01 100100 i n d", asm: "orr {d:rsp}, {n:r}, {i:logic}", def: "d" }),
  ...both("eor", "i", { bits: "z 10 100100 i n d", asm: "eor {d:rsp}, {n:r}, {i:logic}", def: "d" }),
  ...both("tst", "i", { bits: "z 11 100100 i n 11111", asm: "tst {n:r}, {i:logic}" }),

  // Constants
  ...both("movl", "i", { bits: "z 01 100100 i 11111 d", asm: "mov {d:rsp}, {i:logic}", def: "d", again: true }),
  ...both("movz", "i", { bits: "z 10 100101 i d", asm: "mov {d:r}, {i:wide}", def: "d", again: true }),
  ...both("movn", "i", { bits: "z 00 100101 i d", asm: "mov {d:r}, {i:inverse}", def: "d", again: true }),
  ...both("movk", "i", { bits: "z 11 100101 h i d", asm: "movk {d:r}, {i:u16}{h:place}", mod: "d" }),

  // Shifts and bit fields
  ...both("lsl", "", { bits: "z 00 11010110 m 001000 n d", asm: "lsl {d:r}, {n:r}, {m:r}", def: "d" }),
  ...both("lsr", "", { bits: "z 00 11010110 m 001001 n d", asm: "lsr {d:r}, {n:r}, {m:r}", def: "d" }),
  ...both("asr", "", { bits: "z 00 11010110 m 001010 n d", asm: "asr {d:r}, {n:r}, {m:r}", def: "d" }),
  ...both("ror", "", { bits: "z 00 11010110 m 001011 n d", asm: "ror {d:r}, {n:r}, {m:r}", def: "d" }),
  ...both("lsl", "i", { bits: "z 10 100110 z i n d", asm: "lsl {d:r}, {n:r}, {i:shl}", def: "d" }),
  lsr_wi: { bits: "0 10 100110 00 i 011111 n d", asm: "lsr {d:w}, {n:w}, {i:u5}", def: "d" },
  lsr_xi: { bits: "1 10 100110 1 i 111111 n d", asm: "lsr {d:x}, {n:x}, {i:u6}", def: "d" },
  asr_wi: { bits: "0 00 100110 00 i 011111 n d", asm: "asr {d:w}, {n:w}, {i:u5}", def: "d" },
  asr_xi: { bits: "1 00 100110 1 i 111111 n d", asm: "asr {d:x}, {n:x}, {i:u6}", def: "d" },
  ror_wi: { bits: "0 00 100111 00 n 0 i n d", asm: "ror {d:w}, {n:w}, {i:u5}", def: "d" },
  ror_xi: { bits: "1 00 100111 10 n i n d", asm: "ror {d:x}, {n:x}, {i:u6}", def: "d" },
  extr_w: { bits: "0 00 100111 00 m 0 i n d", asm: "extr {d:w}, {n:w}, {m:w}, {i:u5}", def: "d" },
  extr_x: { bits: "1 00 100111 10 m i n d", asm: "extr {d:x}, {n:x}, {m:x}, {i:u6}", def: "d" },
  sxtb_w: { bits: "0 00 100110 0 000000 000111 n d", asm: "sxtb {d:w}, {n:w}", def: "d" },
  sxth_w: { bits: "0 00 100110 0 000000 001111 n d", asm: "sxth {d:w}, {n:w}", def: "d" },
  sxtb_x: { bits: "1 00 100110 1 000000 000111 n d", asm: "sxtb {d:x}, {n:w}", def: "d" },
  sxth_x: { bits: "1 00 100110 1 000000 001111 n d", asm: "sxth {d:x}, {n:w}", def: "d" },
  sxtw_x: { bits: "1 00 100110 1 000000 011111 n d", asm: "sxtw {d:x}, {n:w}", def: "d" },
  uxtb_w: { bits: "0 10 100110 0 000000 000111 n d", asm: "uxtb {d:w}, {n:w}", def: "d" },
  uxth_w: { bits: "0 10 100110 0 000000 001111 n d", asm: "uxth {d:w}, {n:w}", def: "d" },
  ...both("ubfx", "", { bits: "z 10 100110 z i n d", asm: "ubfx {d:r}, {n:r}, {i:take}", def: "d" }),
  ...both("sbfx", "", { bits: "z 00 100110 z i n d", asm: "sbfx {d:r}, {n:r}, {i:take}", def: "d" }),
  ...both("ubfiz", "", { bits: "z 10 100110 z i n d", asm: "ubfiz {d:r}, {n:r}, {i:put}", def: "d" }),
  ...both("sbfiz", "", { bits: "z 00 100110 z i n d", asm: "sbfiz {d:r}, {n:r}, {i:put}", def: "d" }),
  ...both("bfi", "", { bits: "z 01 100110 z i n d", asm: "bfi {d:r}, {n:r}, {i:put}", mod: "d" }),
  ...both("bfxil", "", { bits: "z 01 100110 z i n d", asm: "bfxil {d:r}, {n:r}, {i:take}", mod: "d" }),

  // One operand; products and quotients
  ...both("clz", "", { bits: "z 10 11010110 00000 000100 n d", asm: "clz {d:r}, {n:r}", def: "d" }),
  ...both("rbit", "", { bits: "z 10 11010110 00000 000000 n d", asm: "rbit {d:r}, {n:r}", def: "d" }),
  ...both("mul", "", { bits: "z 00 11011000 m 0 11111 n d", asm: "mul {d:r}, {n:r}, {m:r}", def: "d" }),
  ...both("madd", "", { bits: "z 00 11011000 m 0 a n d", asm: "madd {d:r}, {n:r}, {m:r}, {a:r}", def: "d" }),
  ...both("msub", "", { bits: "z 00 11011000 m 1 a n d", asm: "msub {d:r}, {n:r}, {m:r}, {a:r}", def: "d" }),
  ...both("mneg", "", { bits: "z 00 11011000 m 1 11111 n d", asm: "mneg {d:r}, {n:r}, {m:r}", def: "d" }),
  smull: { bits: "1 00 11011001 m 0 11111 n d", asm: "smull {d:x}, {n:w}, {m:w}", def: "d" },
  umull: { bits: "1 00 11011101 m 0 11111 n d", asm: "umull {d:x}, {n:w}, {m:w}", def: "d" },
  smaddl: { bits: "1 00 11011001 m 0 a n d", asm: "smaddl {d:x}, {n:w}, {m:w}, {a:x}", def: "d" },
  umaddl: { bits: "1 00 11011101 m 0 a n d", asm: "umaddl {d:x}, {n:w}, {m:w}, {a:x}", def: "d" },
  smulh: { bits: "1 00 11011010 m 0 11111 n d", asm: "smulh {d:x}, {n:x}, {m:x}", def: "d" },
  umulh: { bits: "1 00 11011110 m 0 11111 n d", asm: "umulh {d:x}, {n:x}, {m:x}", def: "d" },
  ...both("udiv", "", { bits: "z 00 11010110 m 000010 n d", asm: "udiv {d:r}, {n:r}, {m:r}", def: "d" }),
  ...both("sdiv", "", { bits: "z 00 11010110 m 000011 n d", asm: "sdiv {d:r}, {n:r}, {m:r}", def: "d" }),

  ...extensionRows,

  // Choices. `ccmp` compares when the condition holds, else sets the flags to the immediate
  ...both("csel", "", { bits: "z 00 11010100 m c 00 n d", asm: "csel {d:r}, {n:r}, {m:r}, {c:cond}", def: "d" }),
  ...both("csinc", "", { bits: "z 00 11010100 m c 01 n d", asm: "csinc {d:r}, {n:r}, {m:r}, {c:cond}", def: "d" }),
  ...both("csinv", "", { bits: "z 10 11010100 m c 00 n d", asm: "csinv {d:r}, {n:r}, {m:r}, {c:cond}", def: "d" }),
  ...both("csneg", "", { bits: "z 10 11010100 m c 01 n d", asm: "csneg {d:r}, {n:r}, {m:r}, {c:cond}", def: "d" }),
  cset: { bits: "0 00 11010100 11111 c 01 11111 d", asm: "cset {d:w}, {c:inverted}", def: "d" },
  ...both("ccmp", "", { bits: "z 11 11010010 m c 00 n 0 f", asm: "ccmp {n:r}, {m:r}, {f:u4}, {c:cond}" }),
  ...both("ccmp", "i", { bits: "z 11 11010010 i c 10 n 0 f", asm: "ccmp {n:r}, {i:u5}, {f:u4}, {c:cond}" }),

  // Memory; see `access` for the addressing modes
  ...access("ldrb", "ldrb_w", "w", 0, { size: "00", vector: "0", op: "01" }),
  ...access("ldrsb", "ldrsb_w", "w", 0, { size: "00", vector: "0", op: "11" }),
  ...access("ldrsb", "ldrsb_x", "x", 0, { size: "00", vector: "0", op: "10" }),
  ...access("ldrh", "ldrh_w", "w", 1, { size: "01", vector: "0", op: "01" }),
  ...access("ldrsh", "ldrsh_w", "w", 1, { size: "01", vector: "0", op: "11" }),
  ...access("ldrsh", "ldrsh_x", "x", 1, { size: "01", vector: "0", op: "10" }),
  ...access("ldr", "ldr_w", "w", 2, { size: "10", vector: "0", op: "01" }),
  ...access("ldrsw", "ldrsw_x", "x", 2, { size: "10", vector: "0", op: "10" }),
  ...access("ldr", "ldr_x", "x", 3, { size: "11", vector: "0", op: "01" }),
  ...access("ldr", "ldr_b", "b", 0, { size: "00", vector: "1", op: "01" }),
  ...access("ldr", "ldr_h", "h", 1, { size: "01", vector: "1", op: "01" }),
  ...access("ldr", "ldr_s", "s", 2, { size: "10", vector: "1", op: "01" }),
  ...access("ldr", "ldr_d", "d", 3, { size: "11", vector: "1", op: "01" }),
  ...access("ldr", "ldr_q", "q", 4, { size: "00", vector: "1", op: "11" }),
  ...access("strb", "strb_w", "w", 0, { size: "00", vector: "0", op: "00" }),
  ...access("strh", "strh_w", "w", 1, { size: "01", vector: "0", op: "00" }),
  ...access("str", "str_w", "w", 2, { size: "10", vector: "0", op: "00" }),
  ...access("str", "str_x", "x", 3, { size: "11", vector: "0", op: "00" }),
  ...access("str", "str_b", "b", 0, { size: "00", vector: "1", op: "00" }),
  ...access("str", "str_h", "h", 1, { size: "01", vector: "1", op: "00" }),
  ...access("str", "str_s", "s", 2, { size: "10", vector: "1", op: "00" }),
  ...access("str", "str_d", "d", 3, { size: "11", vector: "1", op: "00" }),
  ...access("str", "str_q", "q", 4, { size: "00", vector: "1", op: "10" }),
  ldp_x: { bits: "10 101 0 010 1 i u n t", asm: "ldp {t:x}, {u:x}, [{n:xsp}{i:s7x3}]", def: "tu" },
  stp_x: { bits: "10 101 0 010 0 i u n t", asm: "stp {t:x}, {u:x}, [{n:xsp}{i:s7x3}]" },
  ldp_x_post: { bits: "10 101 0 001 1 i u n t", asm: "ldp {t:x}, {u:x}, [{n:xsp}], {i:p7x3}", def: "tu" },
  stp_x_pre: { bits: "10 101 0 011 0 i u n t", asm: "stp {t:x}, {u:x}, [{n:xsp}, {i:p7x3}]!" },
  ldp_d: { bits: "01 101 1 010 1 i u n t", asm: "ldp {t:d}, {u:d}, [{n:xsp}{i:s7x3}]", def: "tu" },
  stp_d: { bits: "01 101 1 010 0 i u n t", asm: "stp {t:d}, {u:d}, [{n:xsp}{i:s7x3}]" },
  ldr_x_label: { bits: "01 011 0 00 l t", asm: "ldr {t:x}, {l:to19}", def: "t" },
  ldr_s_label: { bits: "00 011 1 00 l t", asm: "ldr {t:s}, {l:to19}", def: "t" },
  ldr_d_label: { bits: "01 011 1 00 l t", asm: "ldr {t:d}, {l:to19}", def: "t" },
  adr: { bits: "0 l[1:0] 10000 l[20:2] d", asm: "adr {d:x}, {l:to21}", def: "d" },

  // Scalar floats
  ...floats("fadd", { bits: "00011110 y 1 m 001010 n d", asm: "fadd {d:f}, {n:f}, {m:f}", def: "d" }),
  ...floats("fsub", { bits: "00011110 y 1 m 001110 n d", asm: "fsub {d:f}, {n:f}, {m:f}", def: "d" }),
  ...floats("fmul", { bits: "00011110 y 1 m 000010 n d", asm: "fmul {d:f}, {n:f}, {m:f}", def: "d" }),
  ...floats("fnmul", { bits: "00011110 y 1 m 100010 n d", asm: "fnmul {d:f}, {n:f}, {m:f}", def: "d" }),
  ...floats("fdiv", { bits: "00011110 y 1 m 000110 n d", asm: "fdiv {d:f}, {n:f}, {m:f}", def: "d" }),
  ...floats("fmax", { bits: "00011110 y 1 m 010010 n d", asm: "fmax {d:f}, {n:f}, {m:f}", def: "d" }),
  ...floats("fmin", { bits: "00011110 y 1 m 010110 n d", asm: "fmin {d:f}, {n:f}, {m:f}", def: "d" }),
  ...floats("fabs", { bits: "00011110 y 1 000001 10000 n d", asm: "fabs {d:f}, {n:f}", def: "d" }),
  ...floats("fneg", { bits: "00011110 y 1 000010 10000 n d", asm: "fneg {d:f}, {n:f}", def: "d" }),
  ...floats("fsqrt", { bits: "00011110 y 1 000011 10000 n d", asm: "fsqrt {d:f}, {n:f}", def: "d" }),
  ...floats("frintn", { bits: "00011110 y 1 001000 10000 n d", asm: "frintn {d:f}, {n:f}", def: "d" }),
  ...floats("frintp", { bits: "00011110 y 1 001001 10000 n d", asm: "frintp {d:f}, {n:f}", def: "d" }),
  ...floats("frintm", { bits: "00011110 y 1 001010 10000 n d", asm: "frintm {d:f}, {n:f}", def: "d" }),
  ...floats("frintz", { bits: "00011110 y 1 001011 10000 n d", asm: "frintz {d:f}, {n:f}", def: "d" }),
  ...floats("fcmp", { bits: "00011110 y 1 m 001000 n 00000", asm: "fcmp {n:f}, {m:f}" }),
  ...floats("fcmp0", { bits: "00011110 y 1 00000 001000 n 01000", asm: "fcmp {n:f}, #0.0" }),
  ...floats("fccmp", { bits: "00011110 y 1 m c 01 n 0 f", asm: "fccmp {n:f}, {m:f}, {f:u4}, {c:cond}" }),
  ...floats("fcsel", { bits: "00011110 y 1 m c 11 n d", asm: "fcsel {d:f}, {n:f}, {m:f}, {c:cond}", def: "d" }),
  ...floats("fmovi", { bits: "00011110 y 1 i 10000000 d", asm: "fmov {d:f}, {i:float8}", def: "d", again: true }),
  fmov_s: { bits: "00011110 00 1 000000 10000 n d", asm: "fmov {d:s}, {n:s}", def: "d", move: true },
  fmov_d: { bits: "00011110 01 1 000000 10000 n d", asm: "fmov {d:d}, {n:d}", def: "d", move: true },
  fcvt_ds: { bits: "00011110 00 1 000101 10000 n d", asm: "fcvt {d:d}, {n:s}", def: "d" },
  fcvt_sd: { bits: "00011110 01 1 000100 10000 n d", asm: "fcvt {d:s}, {n:d}", def: "d" },
  ...conversions("fcvtzs", { bits: "z 0011110 y 1 11 000 000000 n d", asm: "fcvtzs {d:r}, {n:f}", def: "d" }),
  ...conversions("fcvtzu", { bits: "z 0011110 y 1 11 001 000000 n d", asm: "fcvtzu {d:r}, {n:f}", def: "d" }),
  ...conversions("scvtf", { bits: "z 0011110 y 1 00 010 000000 n d", asm: "scvtf {d:f}, {n:r}", def: "d" }),
  ...conversions("ucvtf", { bits: "z 0011110 y 1 00 011 000000 n d", asm: "ucvtf {d:f}, {n:r}", def: "d" }),
  fmov_ws: { bits: "0 0011110 00 1 00 110 000000 n d", asm: "fmov {d:w}, {n:s}", def: "d" },
  fmov_xd: { bits: "1 0011110 01 1 00 110 000000 n d", asm: "fmov {d:x}, {n:d}", def: "d" },
  fmov_sw: { bits: "0 0011110 00 1 00 111 000000 n d", asm: "fmov {d:s}, {n:w}", def: "d" },
  fmov_dx: { bits: "1 0011110 01 1 00 111 000000 n d", asm: "fmov {d:d}, {n:x}", def: "d" },

  // Vectors, as scalar code uses them
  mov_v: { bits: "01001110101 n 000111 n d", asm: "mov {d:v16b}, {n:v16b}", def: "d", move: true },
  bit: { bits: "00101110101 m 000111 n d", asm: "bit {d:v8b}, {n:v8b}, {m:v8b}", mod: "d" },
  cnt: { bits: "00001110 00 10000 00101 10 n d", asm: "cnt {d:v8b}, {n:v8b}", def: "d" },
  addv: { bits: "00001110 00 11000 11011 10 n d", asm: "addv {d:b}, {n:v8b}", def: "d" },
  movi_zero: { bits: "0 0 1 0111100000 000 1110 01 00000 d", asm: "movi {d:d}, #0", def: "d", again: true },
  movi_sign: { bits: "0 0 0 0111100000 100 0110 01 00000 d", asm: "movi {d:v2s}, #0x80, lsl #24", def: "d", again: true },

  ldr_q_label: { bits: "10 011 1 00 l t", asm: "ldr {t:q}, {l:to19}", def: "t" },
  ...vectorRows,

  // Control. Blocks branch with the pseudo rows; these are what the emitter writes
  b: { bits: "000101 l", asm: "b {l:to26}" },
  bl: { bits: "100101 l", asm: "bl {l:to26}" },
  b_cond: { bits: "01010100 l 0 c", asm: "b.{c:cond} {l:to19}" },
  ...both("cbz", "", { bits: "z 0110100 l t", asm: "cbz {t:r}, {l:to19}" }),
  ...both("cbnz", "", { bits: "z 0110101 l t", asm: "cbnz {t:r}, {l:to19}" }),
  tbz_w: { bits: "0 0110110 i l t", asm: "tbz {t:w}, {i:u5}, {l:to14}" },
  tbnz_w: { bits: "0 0110111 i l t", asm: "tbnz {t:w}, {i:u5}, {l:to14}" },
  tbz_x: { bits: "1 0110110 i l t", asm: "tbz {t:x}, {i:upper5}, {l:to14}" },
  tbnz_x: { bits: "1 0110111 i l t", asm: "tbnz {t:x}, {i:upper5}, {l:to14}" },
  br: { bits: "1101011 0000 11111 000000 n 00000", asm: "br {n:x}" },
  blr: { bits: "1101011 0001 11111 000000 n 00000", asm: "blr {n:x}", variadic: true, call: true },
  ret: { bits: "1101011 0010 11111 000000 11110 00000", asm: "ret" },
  udf: { bits: "0000000000000000 i", asm: "udf {i:u16}" },

  // Pseudo rows: the calling convention and the frame.
  ...conventionRows,

  // Pseudo rows: control flow; the blocks are the block's successors.
  // The branch goes to the first successor when the condition holds, else to the second; `cb` asks
  // whether a register is zero (`nonzero` 0) or not, `tb` whether a bit is. `br_table` goes to
  // successor number `index`, from the last on to the last. Traps take their kind from the
  // instruction's trap column.
  jump: { pseudo: "" },
  jump_if: { pseudo: "imm cc" },
  jump_if_cb_w: { pseudo: "imm nonzero, use r" },
  jump_if_cb_x: { pseudo: "imm nonzero, use r" },
  jump_if_tb: { pseudo: "imm nonzero, use r, imm bit" },
  br_table: { pseudo: "use index" },
  trap_if: { pseudo: "imm cc" },
  trap_if_cb_w: { pseudo: "imm nonzero, use r" },
  trap_if_cb_x: { pseudo: "imm nonzero, use r" },
  trap_if_tb: { pseudo: "imm nonzero, use r, imm bit" },
  trap: { pseudo: "" },

  // Pseudo rows: constants of two instructions and more, from the pool or a register.
  const_x: { pseudo: "def d, imm low, imm high", again: true },
  const_s: { pseudo: "def d, imm bits", again: true },
  const_d: { pseudo: "def d, imm low, imm high", again: true },
  const_q: { pseudo: "def d, imm w0, imm w1, imm w2, imm w3", again: true },

  // Pseudo rows: truncations that trap by themselves; they change flags.
  trunc_s_i32s: { pseudo: "def d, use s" },
  trunc_s_i32u: { pseudo: "def d, use s" },
  trunc_s_i64s: { pseudo: "def d, use s" },
  trunc_s_i64u: { pseudo: "def d, use s" },
  trunc_d_i32s: { pseudo: "def d, use s" },
  trunc_d_i32u: { pseudo: "def d, use s" },
  trunc_d_i64s: { pseudo: "def d, use s" },
  trunc_d_i64u: { pseudo: "def d, use s" },
} satisfies Record<string, Row>;

/** The name of an instruction form. */
export type InstructionName = keyof typeof rows;

/** Instruction names, by opcode number. */
export const opcodeNames: readonly InstructionName[] = Object.keys(rows) as InstructionName[];
/** Opcode numbers, by name: `Opcode.add_w`. */
export const Opcode: Readonly<Record<InstructionName, number>> = Object.fromEntries(
  opcodeNames.map((name, n) => [name, n]),
) as Record<InstructionName, number>;

let compiled: InstructionTable | undefined;
/** The table as flat arrays, made when it is first asked for: code that is compiled runs without. */
export function instructionTable(): InstructionTable {
  return compiled ??= compileTable(rows);
}

/** Conditions, as encoded; the inverse is `cc ^ 1`. */
export const Cond = {
  eq: 0,
  ne: 1,
  /** Unsigned greater or equal; carry set. */
  hs: 2,
  lo: 3,
  /** Negative; floats: less. */
  mi: 4,
  pl: 5,
  /** Overflow; floats: unordered. */
  vs: 6,
  vc: 7,
  hi: 8,
  /** Unsigned less or equal; floats: less or equal. */
  ls: 9,
  ge: 10,
  lt: 11,
  gt: 12,
  le: 13,
} as const;
/** Texts of the conditions, by number. */
export const conditionNames: readonly string[] = [...Object.keys(Cond), "al", "nv"];
