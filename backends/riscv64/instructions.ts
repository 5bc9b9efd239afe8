/**
 * The instruction table of riscv64: RV64GC, one row per instruction, written as the manual writes it
 * ("The RISC-V Instruction Set Manual", volume I). Encoder, printer, disassembler, operand roles and
 * the boundary tests are derived from it; how a row reads is explained in `instruction_format.ts`.
 *
 * @module
 */
import { conventionRows } from "../../lib/codegen/instruction_rows.ts";
import { extensionRows } from "./extension_instructions.ts";
import {
  compileTable,
  type CompressedRow,
  type InstructionTable,
  type Row,
} from "./instruction_format.ts";

// deno-fmt-ignore: one instruction per line
const rows = {
  // Integer computation (chapters 2.4 and 5.2)
  lui: { bits: "i[19:0] d 0110111", asm: "lui {d}, {i}" },
  auipc: { bits: "i[19:0] d 0010111", asm: "auipc {d}, {i}" },
  addi: { bits: "i[11:0] s 000 d 0010011", asm: "addi {d}, {s}, {i}" },
  slti: { bits: "i[11:0] s 010 d 0010011", asm: "slti {d}, {s}, {i}" },
  sltiu: { bits: "i[11:0] s 011 d 0010011", asm: "sltiu {d}, {s}, {i}" },
  xori: { bits: "i[11:0] s 100 d 0010011", asm: "xori {d}, {s}, {i}" },
  ori: { bits: "i[11:0] s 110 d 0010011", asm: "ori {d}, {s}, {i}" },
  andi: { bits: "i[11:0] s 111 d 0010011", asm: "andi {d}, {s}, {i}" },
  slli: { bits: "000000 u[5:0] s 001 d 0010011", asm: "slli {d}, {s}, {i}" },
  srli: { bits: "000000 u[5:0] s 101 d 0010011", asm: "srli {d}, {s}, {i}" },
  srai: { bits: "010000 u[5:0] s 101 d 0010011", asm: "srai {d}, {s}, {i}" },
  add: { bits: "0000000 t s 000 d 0110011", asm: "add {d}, {s}, {t}", commutes: true },
  sub: { bits: "0100000 t s 000 d 0110011", asm: "sub {d}, {s}, {t}" },
  sll: { bits: "0000000 t s 001 d 0110011", asm: "sll {d}, {s}, {t}" },
  slt: { bits: "0000000 t s 010 d 0110011", asm: "slt {d}, {s}, {t}" },
  sltu: { bits: "0000000 t s 011 d 0110011", asm: "sltu {d}, {s}, {t}" },
  xor: { bits: "0000000 t s 100 d 0110011", asm: "xor {d}, {s}, {t}", commutes: true },
  srl: { bits: "0000000 t s 101 d 0110011", asm: "srl {d}, {s}, {t}" },
  sra: { bits: "0100000 t s 101 d 0110011", asm: "sra {d}, {s}, {t}" },
  or: { bits: "0000000 t s 110 d 0110011", asm: "or {d}, {s}, {t}", commutes: true },
  and: { bits: "0000000 t s 111 d 0110011", asm: "and {d}, {s}, {t}", commutes: true },
  addiw: { bits: "i[11:0] s 000 d 0011011", asm: "addiw {d}, {s}, {i}" },
  slliw: { bits: "0000000 u[4:0] s 001 d 0011011", asm: "slliw {d}, {s}, {i}" },
  srliw: { bits: "0000000 u[4:0] s 101 d 0011011", asm: "srliw {d}, {s}, {i}" },
  sraiw: { bits: "0100000 u[4:0] s 101 d 0011011", asm: "sraiw {d}, {s}, {i}" },
  addw: { bits: "0000000 t s 000 d 0111011", asm: "addw {d}, {s}, {t}", commutes: true },
  subw: { bits: "0100000 t s 000 d 0111011", asm: "subw {d}, {s}, {t}" },
  sllw: { bits: "0000000 t s 001 d 0111011", asm: "sllw {d}, {s}, {t}" },
  srlw: { bits: "0000000 t s 101 d 0111011", asm: "srlw {d}, {s}, {t}" },
  sraw: { bits: "0100000 t s 101 d 0111011", asm: "sraw {d}, {s}, {t}" },

  // Multiplication and division (chapter 7)
  mul: { bits: "0000001 t s 000 d 0110011", asm: "mul {d}, {s}, {t}" },
  mulh: { bits: "0000001 t s 001 d 0110011", asm: "mulh {d}, {s}, {t}" },
  mulhsu: { bits: "0000001 t s 010 d 0110011", asm: "mulhsu {d}, {s}, {t}" },
  mulhu: { bits: "0000001 t s 011 d 0110011", asm: "mulhu {d}, {s}, {t}" },
  div: { bits: "0000001 t s 100 d 0110011", asm: "div {d}, {s}, {t}" },
  divu: { bits: "0000001 t s 101 d 0110011", asm: "divu {d}, {s}, {t}" },
  rem: { bits: "0000001 t s 110 d 0110011", asm: "rem {d}, {s}, {t}" },
  remu: { bits: "0000001 t s 111 d 0110011", asm: "remu {d}, {s}, {t}" },
  mulw: { bits: "0000001 t s 000 d 0111011", asm: "mulw {d}, {s}, {t}" },
  divw: { bits: "0000001 t s 100 d 0111011", asm: "divw {d}, {s}, {t}" },
  divuw: { bits: "0000001 t s 101 d 0111011", asm: "divuw {d}, {s}, {t}" },
  remw: { bits: "0000001 t s 110 d 0111011", asm: "remw {d}, {s}, {t}" },
  remuw: { bits: "0000001 t s 111 d 0111011", asm: "remuw {d}, {s}, {t}" },

  // Loads and stores (chapters 2.6, 5.3, 11.5 and 12.3)
  lb: { bits: "i[11:0] s 000 d 0000011", asm: "lb {d}, {i}({s})" },
  lh: { bits: "i[11:0] s 001 d 0000011", asm: "lh {d}, {i}({s})" },
  lw: { bits: "i[11:0] s 010 d 0000011", asm: "lw {d}, {i}({s})" },
  ld: { bits: "i[11:0] s 011 d 0000011", asm: "ld {d}, {i}({s})" },
  lbu: { bits: "i[11:0] s 100 d 0000011", asm: "lbu {d}, {i}({s})" },
  lhu: { bits: "i[11:0] s 101 d 0000011", asm: "lhu {d}, {i}({s})" },
  lwu: { bits: "i[11:0] s 110 d 0000011", asm: "lwu {d}, {i}({s})" },
  sb: { bits: "i[11:5] t s 000 i[4:0] 0100011", asm: "sb {t}, {i}({s})" },
  sh: { bits: "i[11:5] t s 001 i[4:0] 0100011", asm: "sh {t}, {i}({s})" },
  sw: { bits: "i[11:5] t s 010 i[4:0] 0100011", asm: "sw {t}, {i}({s})" },
  sd: { bits: "i[11:5] t s 011 i[4:0] 0100011", asm: "sd {t}, {i}({s})" },
  flw: { bits: "i[11:0] s 010 d 0000111", asm: "flw {d:f}, {i}({s})" },
  fld: { bits: "i[11:0] s 011 d 0000111", asm: "fld {d:f}, {i}({s})" },
  fsw: { bits: "i[11:5] t s 010 i[4:0] 0100111", asm: "fsw {t:f}, {i}({s})" },
  fsd: { bits: "i[11:5] t s 011 i[4:0] 0100111", asm: "fsd {t:f}, {i}({s})" },

  // Single precision (chapter 11)
  fadd_s: { bits: "0000000 t s 111 d 1010011", asm: "fadd.s {d:f}, {s:f}, {t:f}" },
  fsub_s: { bits: "0000100 t s 111 d 1010011", asm: "fsub.s {d:f}, {s:f}, {t:f}" },
  fmul_s: { bits: "0001000 t s 111 d 1010011", asm: "fmul.s {d:f}, {s:f}, {t:f}" },
  fdiv_s: { bits: "0001100 t s 111 d 1010011", asm: "fdiv.s {d:f}, {s:f}, {t:f}" },
  fsqrt_s: { bits: "0101100 00000 s 111 d 1010011", asm: "fsqrt.s {d:f}, {s:f}" },
  fsgnj_s: { bits: "0010000 t s 000 d 1010011", asm: "fsgnj.s {d:f}, {s:f}, {t:f}" },
  fsgnjn_s: { bits: "0010000 t s 001 d 1010011", asm: "fsgnjn.s {d:f}, {s:f}, {t:f}" },
  fsgnjx_s: { bits: "0010000 t s 010 d 1010011", asm: "fsgnjx.s {d:f}, {s:f}, {t:f}" },
  fmin_s: { bits: "0010100 t s 000 d 1010011", asm: "fmin.s {d:f}, {s:f}, {t:f}" },
  fmax_s: { bits: "0010100 t s 001 d 1010011", asm: "fmax.s {d:f}, {s:f}, {t:f}" },
  feq_s: { bits: "1010000 t s 010 d 1010011", asm: "feq.s {d}, {s:f}, {t:f}" },
  flt_s: { bits: "1010000 t s 001 d 1010011", asm: "flt.s {d}, {s:f}, {t:f}" },
  fle_s: { bits: "1010000 t s 000 d 1010011", asm: "fle.s {d}, {s:f}, {t:f}" },
  fcvt_w_s: { bits: "1100000 00000 s m d 1010011", asm: "fcvt.w.s {d}, {s:f}, {m}" },
  fcvt_wu_s: { bits: "1100000 00001 s m d 1010011", asm: "fcvt.wu.s {d}, {s:f}, {m}" },
  fcvt_l_s: { bits: "1100000 00010 s m d 1010011", asm: "fcvt.l.s {d}, {s:f}, {m}" },
  fcvt_lu_s: { bits: "1100000 00011 s m d 1010011", asm: "fcvt.lu.s {d}, {s:f}, {m}" },
  fcvt_s_w: { bits: "1101000 00000 s m d 1010011", asm: "fcvt.s.w {d:f}, {s}, {m}" },
  fcvt_s_wu: { bits: "1101000 00001 s m d 1010011", asm: "fcvt.s.wu {d:f}, {s}, {m}" },
  fcvt_s_l: { bits: "1101000 00010 s m d 1010011", asm: "fcvt.s.l {d:f}, {s}, {m}" },
  fcvt_s_lu: { bits: "1101000 00011 s m d 1010011", asm: "fcvt.s.lu {d:f}, {s}, {m}" },
  fmv_x_w: { bits: "1110000 00000 s 000 d 1010011", asm: "fmv.x.w {d}, {s:f}" },
  fmv_w_x: { bits: "1111000 00000 s 000 d 1010011", asm: "fmv.w.x {d:f}, {s}" },

  // Double precision (chapter 12). Conversions that are exact have no rounding mode
  fadd_d: { bits: "0000001 t s 111 d 1010011", asm: "fadd.d {d:f}, {s:f}, {t:f}" },
  fsub_d: { bits: "0000101 t s 111 d 1010011", asm: "fsub.d {d:f}, {s:f}, {t:f}" },
  fmul_d: { bits: "0001001 t s 111 d 1010011", asm: "fmul.d {d:f}, {s:f}, {t:f}" },
  fdiv_d: { bits: "0001101 t s 111 d 1010011", asm: "fdiv.d {d:f}, {s:f}, {t:f}" },
  fsqrt_d: { bits: "0101101 00000 s 111 d 1010011", asm: "fsqrt.d {d:f}, {s:f}" },
  fsgnj_d: { bits: "0010001 t s 000 d 1010011", asm: "fsgnj.d {d:f}, {s:f}, {t:f}" },
  fsgnjn_d: { bits: "0010001 t s 001 d 1010011", asm: "fsgnjn.d {d:f}, {s:f}, {t:f}" },
  fsgnjx_d: { bits: "0010001 t s 010 d 1010011", asm: "fsgnjx.d {d:f}, {s:f}, {t:f}" },
  fmin_d: { bits: "0010101 t s 000 d 1010011", asm: "fmin.d {d:f}, {s:f}, {t:f}" },
  fmax_d: { bits: "0010101 t s 001 d 1010011", asm: "fmax.d {d:f}, {s:f}, {t:f}" },
  feq_d: { bits: "1010001 t s 010 d 1010011", asm: "feq.d {d}, {s:f}, {t:f}" },
  flt_d: { bits: "1010001 t s 001 d 1010011", asm: "flt.d {d}, {s:f}, {t:f}" },
  fle_d: { bits: "1010001 t s 000 d 1010011", asm: "fle.d {d}, {s:f}, {t:f}" },
  fcvt_s_d: { bits: "0100000 00001 s m d 1010011", asm: "fcvt.s.d {d:f}, {s:f}, {m}" },
  fcvt_d_s: { bits: "0100001 00000 s 000 d 1010011", asm: "fcvt.d.s {d:f}, {s:f}" },
  fcvt_w_d: { bits: "1100001 00000 s m d 1010011", asm: "fcvt.w.d {d}, {s:f}, {m}" },
  fcvt_wu_d: { bits: "1100001 00001 s m d 1010011", asm: "fcvt.wu.d {d}, {s:f}, {m}" },
  fcvt_l_d: { bits: "1100001 00010 s m d 1010011", asm: "fcvt.l.d {d}, {s:f}, {m}" },
  fcvt_lu_d: { bits: "1100001 00011 s m d 1010011", asm: "fcvt.lu.d {d}, {s:f}, {m}" },
  fcvt_d_w: { bits: "1101001 00000 s 000 d 1010011", asm: "fcvt.d.w {d:f}, {s}" },
  fcvt_d_wu: { bits: "1101001 00001 s 000 d 1010011", asm: "fcvt.d.wu {d:f}, {s}" },
  fcvt_d_l: { bits: "1101001 00010 s m d 1010011", asm: "fcvt.d.l {d:f}, {s}, {m}" },
  fcvt_d_lu: { bits: "1101001 00011 s m d 1010011", asm: "fcvt.d.lu {d:f}, {s}, {m}" },
  fmv_x_d: { bits: "1110001 00000 s 000 d 1010011", asm: "fmv.x.d {d}, {s:f}" },
  fmv_d_x: { bits: "1111001 00000 s 000 d 1010011", asm: "fmv.d.x {d:f}, {s}" },

  // Control (chapter 2.5). Blocks branch with the pseudo rows; these are what the emitter writes
  jal: { bits: "i[20] i[10:1] i[11] i[19:12] d 1101111", asm: "jal {d}, {i}" },
  jalr: { bits: "i[11:0] s 000 d 1100111", asm: "jalr {d}, {i}({s})" },
  beq: { bits: "i[12] i[10:5] t s 000 i[4:1] i[11] 1100011", asm: "beq {s}, {t}, {i}" },
  bne: { bits: "i[12] i[10:5] t s 001 i[4:1] i[11] 1100011", asm: "bne {s}, {t}, {i}" },
  blt: { bits: "i[12] i[10:5] t s 100 i[4:1] i[11] 1100011", asm: "blt {s}, {t}, {i}" },
  bge: { bits: "i[12] i[10:5] t s 101 i[4:1] i[11] 1100011", asm: "bge {s}, {t}, {i}" },
  bltu: { bits: "i[12] i[10:5] t s 110 i[4:1] i[11] 1100011", asm: "bltu {s}, {t}, {i}" },
  bgeu: { bits: "i[12] i[10:5] t s 111 i[4:1] i[11] 1100011", asm: "bgeu {s}, {t}, {i}" },
  ebreak: { bits: "000000000001 00000 000 00000 1110011", asm: "ebreak" },

  ...extensionRows,

  // Pseudo rows: the calling convention and the frame.
  ...conventionRows,
  call_r: { pseudo: "use s", variadic: true, call: true },

  // Pseudo rows: control flow; the blocks are the block's successors.
  // `branch` goes to the first successor when the condition holds, else to the second. `br_table`
  // goes to successor number `index`, from the last on to the last. `trap_if*` take their trap kind
  // from the instruction's trap column; `trap_if_overflow` traps when the signed quotient overflows:
  // the smallest integer by -1. `select`: d = condition ? b : a; in `select_i` b is a constant.
  jump: { pseudo: "" },
  branch: { pseudo: "imm condition, use x, use y" },
  br_table: { pseudo: "use index, early base" },
  trap_if: { pseudo: "imm condition, use x, use y" },
  trap_if_overflow32: { pseudo: "use divisor, use dividend" },
  trap_if_overflow64: { pseudo: "use divisor, use dividend" },
  select: { pseudo: "imm condition, tied d, use a, use b, use x, use y" },
  select_i: { pseudo: "imm condition, tied d, use a, imm b, use x, use y" },
  select_f: { pseudo: "imm condition, tied d, use a, use b, use x, use y" },

  // Pseudo rows: values. `li*` are constants; `ctz_f` goes by the exponent of a float, and is 32 or
  // 64 (the width) for zero.
  mv: { pseudo: "def d, use s", move: true },
  li: { pseudo: "def d, imm low, imm high", again: true },
  li_s: { pseudo: "def d, imm low", again: true },
  li_d: { pseudo: "def d, imm low, imm high", again: true },
  ctz_f: { pseudo: "early d, use s, imm width, early t" },

  // Pseudo rows: floats; all are the wasm operators, `trunc_*` trap by themselves.
  min_s: { pseudo: "def d, use a, use b" },
  max_s: { pseudo: "def d, use a, use b" },
  min_d: { pseudo: "def d, use a, use b" },
  max_d: { pseudo: "def d, use a, use b" },
  round_s: { pseudo: "def d, use s, imm mode, early t" },
  round_d: { pseudo: "def d, use s, imm mode, early t" },
  trunc_s_i32s: { pseudo: "def d, use s" },
  trunc_s_i32u: { pseudo: "def d, use s" },
  trunc_s_i64s: { pseudo: "def d, use s" },
  trunc_s_i64u: { pseudo: "def d, use s" },
  trunc_d_i32s: { pseudo: "def d, use s" },
  trunc_d_i32u: { pseudo: "def d, use s" },
  trunc_d_i64s: { pseudo: "def d, use s" },
  trunc_d_i64u: { pseudo: "def d, use s" },
} satisfies Record<string, Row>;

// deno-fmt-ignore: one instruction per line
const compressedRows = {
  // Chapter 16, in the order of its listing
  c_addi4spn: { of: "addi", bits: "000 u[5:4] u[9:6] u[2] u[3] d' 00", asm: "c.addi4spn {d}, sp, {i}", when: "s=2 i!=0" },
  c_fld: { of: "fld", bits: "001 u[5:3] s' u[7:6] d' 00", asm: "c.fld {d:f}, {i}({s})" },
  c_lw: { of: "lw", bits: "010 u[5:3] s' u[2] u[6] d' 00", asm: "c.lw {d}, {i}({s})" },
  c_ld: { of: "ld", bits: "011 u[5:3] s' u[7:6] d' 00", asm: "c.ld {d}, {i}({s})" },
  c_fsd: { of: "fsd", bits: "101 u[5:3] s' u[7:6] t' 00", asm: "c.fsd {t:f}, {i}({s})" },
  c_sw: { of: "sw", bits: "110 u[5:3] s' u[2] u[6] t' 00", asm: "c.sw {t}, {i}({s})" },
  c_sd: { of: "sd", bits: "111 u[5:3] s' u[7:6] t' 00", asm: "c.sd {t}, {i}({s})" },

  c_nop: { of: "addi", bits: "000 0 00000 00000 01", asm: "c.nop", when: "d=0 s=0 i=0" },
  c_addi: { of: "addi", bits: "000 i[5] d i[4:0] 01", asm: "c.addi {d}, {i}", when: "s=d d!=0 i!=0" },
  c_addiw: { of: "addiw", bits: "001 i[5] d i[4:0] 01", asm: "c.addiw {d}, {i}", when: "s=d d!=0" },
  c_li: { of: "addi", bits: "010 i[5] d i[4:0] 01", asm: "c.li {d}, {i}", when: "s=0 d!=0" },
  c_addi16sp: { of: "addi", bits: "011 i[9] 00010 i[4] i[6] i[8:7] i[5] 01", asm: "c.addi16sp sp, {i}", when: "d=2 s=2 i!=0" },
  c_lui: { of: "lui", bits: "011 i[5] d i[4:0] 01", asm: "c.lui {d}, {i}", when: "d!=0 d!=2 i!=0" },
  c_srli: { of: "srli", bits: "100 u[5] 00 d' u[4:0] 01", asm: "c.srli {d}, {i}", when: "s=d i!=0" },
  c_srai: { of: "srai", bits: "100 u[5] 01 d' u[4:0] 01", asm: "c.srai {d}, {i}", when: "s=d i!=0" },
  c_andi: { of: "andi", bits: "100 i[5] 10 d' i[4:0] 01", asm: "c.andi {d}, {i}", when: "s=d" },
  c_sub: { of: "sub", bits: "100 0 11 d' 00 t' 01", asm: "c.sub {d}, {t}", when: "s=d" },
  c_xor: { of: "xor", bits: "100 0 11 d' 01 t' 01", asm: "c.xor {d}, {t}", when: "s=d" },
  c_or: { of: "or", bits: "100 0 11 d' 10 t' 01", asm: "c.or {d}, {t}", when: "s=d" },
  c_and: { of: "and", bits: "100 0 11 d' 11 t' 01", asm: "c.and {d}, {t}", when: "s=d" },
  c_subw: { of: "subw", bits: "100 1 11 d' 00 t' 01", asm: "c.subw {d}, {t}", when: "s=d" },
  c_addw: { of: "addw", bits: "100 1 11 d' 01 t' 01", asm: "c.addw {d}, {t}", when: "s=d" },
  c_j: { of: "jal", bits: "101 i[11] i[4] i[9:8] i[10] i[6] i[7] i[3:1] i[5] 01", asm: "c.j {i}", when: "d=0" },
  c_beqz: { of: "beq", bits: "110 i[8] i[4:3] s' i[7:6] i[2:1] i[5] 01", asm: "c.beqz {s}, {i}", when: "t=0" },
  c_bnez: { of: "bne", bits: "111 i[8] i[4:3] s' i[7:6] i[2:1] i[5] 01", asm: "c.bnez {s}, {i}", when: "t=0" },

  c_slli: { of: "slli", bits: "000 u[5] d u[4:0] 10", asm: "c.slli {d}, {i}", when: "s=d d!=0 i!=0" },
  c_fldsp: { of: "fld", bits: "001 u[5] d u[4:3] u[8:6] 10", asm: "c.fldsp {d:f}, {i}(sp)", when: "s=2" },
  c_lwsp: { of: "lw", bits: "010 u[5] d u[4:2] u[7:6] 10", asm: "c.lwsp {d}, {i}(sp)", when: "s=2 d!=0" },
  c_ldsp: { of: "ld", bits: "011 u[5] d u[4:3] u[8:6] 10", asm: "c.ldsp {d}, {i}(sp)", when: "s=2 d!=0" },
  c_jr: { of: "jalr", bits: "100 0 s 00000 10", asm: "c.jr {s}", when: "d=0 i=0 s!=0" },
  c_mv: { of: "add", bits: "100 0 d t 10", asm: "c.mv {d}, {t}", when: "s=0 d!=0 t!=0" },
  c_ebreak: { of: "ebreak", bits: "100 1 00000 00000 10", asm: "c.ebreak" },
  c_jalr: { of: "jalr", bits: "100 1 s 00000 10", asm: "c.jalr {s}", when: "d=1 i=0 s!=0" },
  c_add: { of: "add", bits: "100 1 d t 10", asm: "c.add {d}, {t}", when: "s=d d!=0 t!=0" },
  c_fsdsp: { of: "fsd", bits: "101 u[5:3] u[8:6] t 10", asm: "c.fsdsp {t:f}, {i}(sp)", when: "s=2" },
  c_swsp: { of: "sw", bits: "110 u[5:2] u[7:6] t 10", asm: "c.swsp {t}, {i}(sp)", when: "s=2" },
  c_sdsp: { of: "sd", bits: "111 u[5:3] u[8:6] t 10", asm: "c.sdsp {t}, {i}(sp)", when: "s=2" },
} satisfies Record<string, CompressedRow>;

/** The name of an instruction. */
export type InstructionName = keyof typeof rows;

/** Instruction names, by opcode number. */
export const opcodeNames: readonly InstructionName[] = Object.keys(rows) as InstructionName[];
/** Opcode numbers, by name: `Opcode.addw`. */
export const Opcode: Readonly<Record<InstructionName, number>> = Object.fromEntries(
  opcodeNames.map((name, n) => [name, n]),
) as Record<InstructionName, number>;

let compiled: InstructionTable | undefined;
/** The table as flat arrays, made when it is first asked for: code that is compiled runs without. */
export function instructionTable(): InstructionTable {
  return compiled ??= compileTable(rows, compressedRows);
}

/** Conditions of branches: the bits of their function code. The inverse is `condition ^ 1`. */
export const Cond = { eq: 0, ne: 1, lt: 4, ge: 5, ltu: 6, geu: 7 } as const;

/** Rounding modes. */
export const Rounding = {
  /** To the nearest, ties to even. */
  rne: 0,
  /** Towards zero. */
  rtz: 1,
  /** Down. */
  rdn: 2,
  /** Up. */
  rup: 3,
  /** To the nearest, ties away from zero. */
  rmm: 4,
  /** What the control register says; it is never changed, and says `rne`. */
  dyn: 7,
} as const;
