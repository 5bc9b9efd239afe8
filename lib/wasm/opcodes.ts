/**
 * The one table of WebAssembly opcodes: every instruction of WebAssembly 3.0, and of the threads and
 * wide arithmetic proposals. A row says what an instruction is called (by the spec's name), what
 * follows its opcode, and which feature brought it.
 *
 * An opcode is a number below {@linkcode OPCODE_COUNT}, so that tables over opcodes are flat and
 * dense: one-byte opcodes are themselves, and the instruction `sub` of a prefix is
 * `(prefix - 0xfa) << 9 | sub`, i.e. `0x200 | sub` for 0xFB (gc), `0x400 | sub` for 0xFC (saturating
 * conversions, bulk memory, tables), `0x600 | sub` for 0xFD (vectors), and `0x800 | sub` for 0xFE
 * (atomics). {@linkcode readOpcode} gives these numbers and `Opcode["memory.copy"]` names them.
 *
 * @module
 */
import { constantGroups } from "./constant_opcodes.ts";
import { type ImmediateKind, immediateKinds, skippers } from "./immediates.ts";
import { type Feature, group, type NameOf, OPCODE_COUNT, opcodeOf } from "./opcode_group.ts";
import type { Reader } from "./reader.ts";

export type { ImmediateKind } from "./immediates.ts";
export { type Feature, OPCODE_COUNT, opcodeOf, readOpcode } from "./opcode_group.ts";

/**
 * The table. The spec gives three pairs of opcodes one name each; the second of a pair is called
 * `select_t` (with types), `ref.test_null` and `ref.cast_null` (of nullable types) here.
 */
// deno-fmt-ignore: many opcodes on a line
const groups = [
  ...constantGroups,
  group(0x00, "mvp", "none", {
    unreachable: 0x00, nop: 0x01, else: 0x05, return: 0x0f, drop: 0x1a, select: 0x1b,
  }),
  group(0x00, "mvp", "blockType", { block: 0x02, loop: 0x03, if: 0x04 }),
  group(0x00, "mvp", "label", { br: 0x0c, br_if: 0x0d }),
  group(0x00, "mvp", "brTable", { br_table: 0x0e }),
  group(0x00, "mvp", "function", { call: 0x10 }),
  group(0x00, "mvp", "callIndirect", { call_indirect: 0x11 }),
  group(0x00, "mvp", "local", { "local.get": 0x20, "local.set": 0x21, "local.tee": 0x22 }),
  group(0x00, "mvp", "global", { "global.set": 0x24 }),
  group(0x00, "mvp", "memarg", {
    "i32.load": 0x28, "i64.load": 0x29, "f32.load": 0x2a, "f64.load": 0x2b, "i32.load8_s": 0x2c,
    "i32.load8_u": 0x2d, "i32.load16_s": 0x2e, "i32.load16_u": 0x2f, "i64.load8_s": 0x30,
    "i64.load8_u": 0x31, "i64.load16_s": 0x32, "i64.load16_u": 0x33, "i64.load32_s": 0x34,
    "i64.load32_u": 0x35, "i32.store": 0x36, "i64.store": 0x37, "f32.store": 0x38,
    "f64.store": 0x39, "i32.store8": 0x3a, "i32.store16": 0x3b, "i64.store8": 0x3c,
    "i64.store16": 0x3d, "i64.store32": 0x3e,
  }),
  group(0x00, "mvp", "memory", { "memory.size": 0x3f, "memory.grow": 0x40 }),
  group(0x00, "mvp", "none", {
    "i32.eqz": 0x45, "i32.eq": 0x46, "i32.ne": 0x47, "i32.lt_s": 0x48, "i32.lt_u": 0x49,
    "i32.gt_s": 0x4a, "i32.gt_u": 0x4b, "i32.le_s": 0x4c, "i32.le_u": 0x4d, "i32.ge_s": 0x4e,
    "i32.ge_u": 0x4f, "i64.eqz": 0x50, "i64.eq": 0x51, "i64.ne": 0x52, "i64.lt_s": 0x53,
    "i64.lt_u": 0x54, "i64.gt_s": 0x55, "i64.gt_u": 0x56, "i64.le_s": 0x57, "i64.le_u": 0x58,
    "i64.ge_s": 0x59, "i64.ge_u": 0x5a, "f32.eq": 0x5b, "f32.ne": 0x5c, "f32.lt": 0x5d,
    "f32.gt": 0x5e, "f32.le": 0x5f, "f32.ge": 0x60, "f64.eq": 0x61, "f64.ne": 0x62, "f64.lt": 0x63,
    "f64.gt": 0x64, "f64.le": 0x65, "f64.ge": 0x66, "i32.clz": 0x67, "i32.ctz": 0x68,
    "i32.popcnt": 0x69,  "i32.div_s": 0x6d,
    "i32.div_u": 0x6e, "i32.rem_s": 0x6f, "i32.rem_u": 0x70, "i32.and": 0x71, "i32.or": 0x72,
    "i32.xor": 0x73, "i32.shl": 0x74, "i32.shr_s": 0x75, "i32.shr_u": 0x76, "i32.rotl": 0x77,
    "i32.rotr": 0x78, "i64.clz": 0x79, "i64.ctz": 0x7a, "i64.popcnt": 0x7b, 
    "i64.div_s": 0x7f, "i64.div_u": 0x80, "i64.rem_s": 0x81,
    "i64.rem_u": 0x82, "i64.and": 0x83, "i64.or": 0x84, "i64.xor": 0x85, "i64.shl": 0x86,
    "i64.shr_s": 0x87, "i64.shr_u": 0x88, "i64.rotl": 0x89, "i64.rotr": 0x8a, "f32.abs": 0x8b,
    "f32.neg": 0x8c, "f32.ceil": 0x8d, "f32.floor": 0x8e, "f32.trunc": 0x8f, "f32.nearest": 0x90,
    "f32.sqrt": 0x91, "f32.add": 0x92, "f32.sub": 0x93, "f32.mul": 0x94, "f32.div": 0x95,
    "f32.min": 0x96, "f32.max": 0x97, "f32.copysign": 0x98, "f64.abs": 0x99, "f64.neg": 0x9a,
    "f64.ceil": 0x9b, "f64.floor": 0x9c, "f64.trunc": 0x9d, "f64.nearest": 0x9e, "f64.sqrt": 0x9f,
    "f64.add": 0xa0, "f64.sub": 0xa1, "f64.mul": 0xa2, "f64.div": 0xa3, "f64.min": 0xa4,
    "f64.max": 0xa5, "f64.copysign": 0xa6, "i32.wrap_i64": 0xa7, "i32.trunc_f32_s": 0xa8,
    "i32.trunc_f32_u": 0xa9, "i32.trunc_f64_s": 0xaa, "i32.trunc_f64_u": 0xab,
    "i64.extend_i32_s": 0xac, "i64.extend_i32_u": 0xad, "i64.trunc_f32_s": 0xae,
    "i64.trunc_f32_u": 0xaf, "i64.trunc_f64_s": 0xb0, "i64.trunc_f64_u": 0xb1,
    "f32.convert_i32_s": 0xb2, "f32.convert_i32_u": 0xb3, "f32.convert_i64_s": 0xb4,
    "f32.convert_i64_u": 0xb5, "f32.demote_f64": 0xb6, "f64.convert_i32_s": 0xb7,
    "f64.convert_i32_u": 0xb8, "f64.convert_i64_s": 0xb9, "f64.convert_i64_u": 0xba,
    "f64.promote_f32": 0xbb, "i32.reinterpret_f32": 0xbc, "i64.reinterpret_f64": 0xbd,
    "f32.reinterpret_i32": 0xbe, "f64.reinterpret_i64": 0xbf,
  }),
  group(0x00, "sign-extension", "none", {
    "i32.extend8_s": 0xc0, "i32.extend16_s": 0xc1, "i64.extend8_s": 0xc2, "i64.extend16_s": 0xc3,
    "i64.extend32_s": 0xc4,
  }),
  group(0xfc, "saturating-float-to-int", "none", {
    "i32.trunc_sat_f32_s": 0x00, "i32.trunc_sat_f32_u": 0x01, "i32.trunc_sat_f64_s": 0x02,
    "i32.trunc_sat_f64_u": 0x03, "i64.trunc_sat_f32_s": 0x04, "i64.trunc_sat_f32_u": 0x05,
    "i64.trunc_sat_f64_s": 0x06, "i64.trunc_sat_f64_u": 0x07,
  }),
  group(0xfc, "bulk-memory", "dataMemory", { "memory.init": 0x08 }),
  group(0xfc, "bulk-memory", "data", { "data.drop": 0x09 }),
  group(0xfc, "bulk-memory", "twoMemories", { "memory.copy": 0x0a }),
  group(0xfc, "bulk-memory", "memory", { "memory.fill": 0x0b }),
  group(0xfc, "bulk-memory", "elementTable", { "table.init": 0x0c }),
  group(0xfc, "bulk-memory", "element", { "elem.drop": 0x0d }),
  group(0xfc, "bulk-memory", "twoTables", { "table.copy": 0x0e }),
  group(0x00, "reference-types", "selectTypes", { select_t: 0x1c }),
  group(0x00, "reference-types", "table", { "table.get": 0x25, "table.set": 0x26 }),
  group(0xfc, "reference-types", "table", {
    "table.grow": 0x0f, "table.size": 0x10, "table.fill": 0x11,
  }),
  group(0x00, "reference-types", "none", { "ref.is_null": 0xd1 }),
  group(0x00, "tail-calls", "function", { return_call: 0x12 }),
  group(0x00, "tail-calls", "callIndirect", { return_call_indirect: 0x13 }),
  group(0x00, "typed-function-references", "type", { call_ref: 0x14, return_call_ref: 0x15 }),
  group(0x00, "typed-function-references", "none", { "ref.as_non_null": 0xd4 }),
  group(0x00, "typed-function-references", "label", { br_on_null: 0xd5, br_on_non_null: 0xd6 }),
  group(0x00, "exceptions", "tag", { throw: 0x08 }),
  group(0x00, "exceptions", "none", { throw_ref: 0x0a }),
  group(0x00, "exceptions", "tryTable", { try_table: 0x1f }),
  group(0x00, "legacy-exceptions", "blockType", { try: 0x06 }),
  group(0x00, "legacy-exceptions", "tag", { catch: 0x07 }),
  group(0x00, "legacy-exceptions", "label", { rethrow: 0x09, delegate: 0x18 }),
  group(0x00, "legacy-exceptions", "none", { catch_all: 0x19 }),
  group(0x00, "gc", "none", { "ref.eq": 0xd3 }),
  group(0xfb, "gc", "type", {
    
    "array.get": 0x0b, "array.get_s": 0x0c, "array.get_u": 0x0d, "array.set": 0x0e,
    "array.fill": 0x10,
  }),
  group(0xfb, "gc", "typeField", {
    "struct.get": 0x02, "struct.get_s": 0x03, "struct.get_u": 0x04, "struct.set": 0x05,
  }),
  group(0xfb, "gc", "typeData", { "array.new_data": 0x09, "array.init_data": 0x12 }),
  group(0xfb, "gc", "typeElement", { "array.new_elem": 0x0a, "array.init_elem": 0x13 }),
  group(0xfb, "gc", "twoTypes", { "array.copy": 0x11 }),
  group(0xfb, "gc", "none", {
    "array.len": 0x0f, 
    "i31.get_s": 0x1d, "i31.get_u": 0x1e,
  }),
  group(0xfb, "gc", "heapType", {
    "ref.test": 0x14, "ref.test_null": 0x15, "ref.cast": 0x16, "ref.cast_null": 0x17,
  }),
  group(0xfb, "gc", "castBranch", { br_on_cast: 0x18, br_on_cast_fail: 0x19 }),
  group(0xfd, "simd", "memarg", {
    "v128.load": 0x00, "v128.load8x8_s": 0x01, "v128.load8x8_u": 0x02, "v128.load16x4_s": 0x03,
    "v128.load16x4_u": 0x04, "v128.load32x2_s": 0x05, "v128.load32x2_u": 0x06,
    "v128.load8_splat": 0x07, "v128.load16_splat": 0x08, "v128.load32_splat": 0x09,
    "v128.load64_splat": 0x0a, "v128.store": 0x0b, "v128.load32_zero": 0x5c,
    "v128.load64_zero": 0x5d,
  }),
  group(0xfd, "simd", "shuffle", { "i8x16.shuffle": 0x0d }),
  group(0xfd, "simd", "lane", {
    "i8x16.extract_lane_s": 0x15, "i8x16.extract_lane_u": 0x16, "i8x16.replace_lane": 0x17,
    "i16x8.extract_lane_s": 0x18, "i16x8.extract_lane_u": 0x19, "i16x8.replace_lane": 0x1a,
    "i32x4.extract_lane": 0x1b, "i32x4.replace_lane": 0x1c, "i64x2.extract_lane": 0x1d,
    "i64x2.replace_lane": 0x1e, "f32x4.extract_lane": 0x1f, "f32x4.replace_lane": 0x20,
    "f64x2.extract_lane": 0x21, "f64x2.replace_lane": 0x22,
  }),
  group(0xfd, "simd", "memargLane", {
    "v128.load8_lane": 0x54, "v128.load16_lane": 0x55, "v128.load32_lane": 0x56,
    "v128.load64_lane": 0x57, "v128.store8_lane": 0x58, "v128.store16_lane": 0x59,
    "v128.store32_lane": 0x5a, "v128.store64_lane": 0x5b,
  }),
  group(0xfd, "simd", "none", {
    "i8x16.swizzle": 0x0e, "i8x16.splat": 0x0f, "i16x8.splat": 0x10, "i32x4.splat": 0x11,
    "i64x2.splat": 0x12, "f32x4.splat": 0x13, "f64x2.splat": 0x14, "i8x16.eq": 0x23,
    "i8x16.ne": 0x24, "i8x16.lt_s": 0x25, "i8x16.lt_u": 0x26, "i8x16.gt_s": 0x27,
    "i8x16.gt_u": 0x28, "i8x16.le_s": 0x29, "i8x16.le_u": 0x2a, "i8x16.ge_s": 0x2b,
    "i8x16.ge_u": 0x2c, "i16x8.eq": 0x2d, "i16x8.ne": 0x2e, "i16x8.lt_s": 0x2f, "i16x8.lt_u": 0x30,
    "i16x8.gt_s": 0x31, "i16x8.gt_u": 0x32, "i16x8.le_s": 0x33, "i16x8.le_u": 0x34,
    "i16x8.ge_s": 0x35, "i16x8.ge_u": 0x36, "i32x4.eq": 0x37, "i32x4.ne": 0x38, "i32x4.lt_s": 0x39,
    "i32x4.lt_u": 0x3a, "i32x4.gt_s": 0x3b, "i32x4.gt_u": 0x3c, "i32x4.le_s": 0x3d,
    "i32x4.le_u": 0x3e, "i32x4.ge_s": 0x3f, "i32x4.ge_u": 0x40, "f32x4.eq": 0x41, "f32x4.ne": 0x42,
    "f32x4.lt": 0x43, "f32x4.gt": 0x44, "f32x4.le": 0x45, "f32x4.ge": 0x46, "f64x2.eq": 0x47,
    "f64x2.ne": 0x48, "f64x2.lt": 0x49, "f64x2.gt": 0x4a, "f64x2.le": 0x4b, "f64x2.ge": 0x4c,
    "v128.not": 0x4d, "v128.and": 0x4e, "v128.andnot": 0x4f, "v128.or": 0x50, "v128.xor": 0x51,
    "v128.bitselect": 0x52, "v128.any_true": 0x53, "f32x4.demote_f64x2_zero": 0x5e,
    "f64x2.promote_low_f32x4": 0x5f, "i8x16.abs": 0x60, "i8x16.neg": 0x61, "i8x16.popcnt": 0x62,
    "i8x16.all_true": 0x63, "i8x16.bitmask": 0x64, "i8x16.narrow_i16x8_s": 0x65,
    "i8x16.narrow_i16x8_u": 0x66, "f32x4.ceil": 0x67, "f32x4.floor": 0x68, "f32x4.trunc": 0x69,
    "f32x4.nearest": 0x6a, "i8x16.shl": 0x6b, "i8x16.shr_s": 0x6c, "i8x16.shr_u": 0x6d,
    "i8x16.add": 0x6e, "i8x16.add_sat_s": 0x6f, "i8x16.add_sat_u": 0x70, "i8x16.sub": 0x71,
    "i8x16.sub_sat_s": 0x72, "i8x16.sub_sat_u": 0x73, "f64x2.ceil": 0x74, "f64x2.floor": 0x75,
    "i8x16.min_s": 0x76, "i8x16.min_u": 0x77, "i8x16.max_s": 0x78, "i8x16.max_u": 0x79,
    "f64x2.trunc": 0x7a, "i8x16.avgr_u": 0x7b, "i16x8.extadd_pairwise_i8x16_s": 0x7c,
    "i16x8.extadd_pairwise_i8x16_u": 0x7d, "i32x4.extadd_pairwise_i16x8_s": 0x7e,
    "i32x4.extadd_pairwise_i16x8_u": 0x7f, "i16x8.abs": 0x80, "i16x8.neg": 0x81,
    "i16x8.q15mulr_sat_s": 0x82, "i16x8.all_true": 0x83, "i16x8.bitmask": 0x84,
    "i16x8.narrow_i32x4_s": 0x85, "i16x8.narrow_i32x4_u": 0x86, "i16x8.extend_low_i8x16_s": 0x87,
    "i16x8.extend_high_i8x16_s": 0x88, "i16x8.extend_low_i8x16_u": 0x89,
    "i16x8.extend_high_i8x16_u": 0x8a, "i16x8.shl": 0x8b, "i16x8.shr_s": 0x8c, "i16x8.shr_u": 0x8d,
    "i16x8.add": 0x8e, "i16x8.add_sat_s": 0x8f, "i16x8.add_sat_u": 0x90, "i16x8.sub": 0x91,
    "i16x8.sub_sat_s": 0x92, "i16x8.sub_sat_u": 0x93, "f64x2.nearest": 0x94, "i16x8.mul": 0x95,
    "i16x8.min_s": 0x96, "i16x8.min_u": 0x97, "i16x8.max_s": 0x98, "i16x8.max_u": 0x99,
    "i16x8.avgr_u": 0x9b, "i16x8.extmul_low_i8x16_s": 0x9c, "i16x8.extmul_high_i8x16_s": 0x9d,
    "i16x8.extmul_low_i8x16_u": 0x9e, "i16x8.extmul_high_i8x16_u": 0x9f, "i32x4.abs": 0xa0,
    "i32x4.neg": 0xa1, "i32x4.all_true": 0xa3, "i32x4.bitmask": 0xa4,
    "i32x4.extend_low_i16x8_s": 0xa7, "i32x4.extend_high_i16x8_s": 0xa8,
    "i32x4.extend_low_i16x8_u": 0xa9, "i32x4.extend_high_i16x8_u": 0xaa, "i32x4.shl": 0xab,
    "i32x4.shr_s": 0xac, "i32x4.shr_u": 0xad, "i32x4.add": 0xae, "i32x4.sub": 0xb1,
    "i32x4.mul": 0xb5, "i32x4.min_s": 0xb6, "i32x4.min_u": 0xb7, "i32x4.max_s": 0xb8,
    "i32x4.max_u": 0xb9, "i32x4.dot_i16x8_s": 0xba, "i32x4.extmul_low_i16x8_s": 0xbc,
    "i32x4.extmul_high_i16x8_s": 0xbd, "i32x4.extmul_low_i16x8_u": 0xbe,
    "i32x4.extmul_high_i16x8_u": 0xbf, "i64x2.abs": 0xc0, "i64x2.neg": 0xc1,
    "i64x2.all_true": 0xc3, "i64x2.bitmask": 0xc4, "i64x2.extend_low_i32x4_s": 0xc7,
    "i64x2.extend_high_i32x4_s": 0xc8, "i64x2.extend_low_i32x4_u": 0xc9,
    "i64x2.extend_high_i32x4_u": 0xca, "i64x2.shl": 0xcb, "i64x2.shr_s": 0xcc, "i64x2.shr_u": 0xcd,
    "i64x2.add": 0xce, "i64x2.sub": 0xd1, "i64x2.mul": 0xd5, "i64x2.eq": 0xd6, "i64x2.ne": 0xd7,
    "i64x2.lt_s": 0xd8, "i64x2.gt_s": 0xd9, "i64x2.le_s": 0xda, "i64x2.ge_s": 0xdb,
    "i64x2.extmul_low_i32x4_s": 0xdc, "i64x2.extmul_high_i32x4_s": 0xdd,
    "i64x2.extmul_low_i32x4_u": 0xde, "i64x2.extmul_high_i32x4_u": 0xdf, "f32x4.abs": 0xe0,
    "f32x4.neg": 0xe1, "f32x4.sqrt": 0xe3, "f32x4.add": 0xe4, "f32x4.sub": 0xe5, "f32x4.mul": 0xe6,
    "f32x4.div": 0xe7, "f32x4.min": 0xe8, "f32x4.max": 0xe9, "f32x4.pmin": 0xea,
    "f32x4.pmax": 0xeb, "f64x2.abs": 0xec, "f64x2.neg": 0xed, "f64x2.sqrt": 0xef,
    "f64x2.add": 0xf0, "f64x2.sub": 0xf1, "f64x2.mul": 0xf2, "f64x2.div": 0xf3, "f64x2.min": 0xf4,
    "f64x2.max": 0xf5, "f64x2.pmin": 0xf6, "f64x2.pmax": 0xf7, "i32x4.trunc_sat_f32x4_s": 0xf8,
    "i32x4.trunc_sat_f32x4_u": 0xf9, "f32x4.convert_i32x4_s": 0xfa, "f32x4.convert_i32x4_u": 0xfb,
    "i32x4.trunc_sat_f64x2_s_zero": 0xfc, "i32x4.trunc_sat_f64x2_u_zero": 0xfd,
    "f64x2.convert_low_i32x4_s": 0xfe, "f64x2.convert_low_i32x4_u": 0xff,
  }),
  group(0xfd, "relaxed-simd", "none", {
    "i8x16.relaxed_swizzle": 0x100, "i32x4.relaxed_trunc_f32x4_s": 0x101,
    "i32x4.relaxed_trunc_f32x4_u": 0x102, "i32x4.relaxed_trunc_f64x2_s_zero": 0x103,
    "i32x4.relaxed_trunc_f64x2_u_zero": 0x104, "f32x4.relaxed_madd": 0x105,
    "f32x4.relaxed_nmadd": 0x106, "f64x2.relaxed_madd": 0x107, "f64x2.relaxed_nmadd": 0x108,
    "i8x16.relaxed_laneselect": 0x109, "i16x8.relaxed_laneselect": 0x10a,
    "i32x4.relaxed_laneselect": 0x10b, "i64x2.relaxed_laneselect": 0x10c,
    "f32x4.relaxed_min": 0x10d, "f32x4.relaxed_max": 0x10e, "f64x2.relaxed_min": 0x10f,
    "f64x2.relaxed_max": 0x110, "i16x8.relaxed_q15mulr_s": 0x111,
    "i16x8.relaxed_dot_i8x16_i7x16_s": 0x112, "i32x4.relaxed_dot_i8x16_i7x16_add_s": 0x113,
  }),
  group(0xfe, "threads", "memarg", {
    "memory.atomic.notify": 0x00, "memory.atomic.wait32": 0x01, "memory.atomic.wait64": 0x02,
    "i32.atomic.load": 0x10, "i64.atomic.load": 0x11, "i32.atomic.load8_u": 0x12,
    "i32.atomic.load16_u": 0x13, "i64.atomic.load8_u": 0x14, "i64.atomic.load16_u": 0x15,
    "i64.atomic.load32_u": 0x16, "i32.atomic.store": 0x17, "i64.atomic.store": 0x18,
    "i32.atomic.store8": 0x19, "i32.atomic.store16": 0x1a, "i64.atomic.store8": 0x1b,
    "i64.atomic.store16": 0x1c, "i64.atomic.store32": 0x1d, "i32.atomic.rmw.add": 0x1e,
    "i64.atomic.rmw.add": 0x1f, "i32.atomic.rmw8.add_u": 0x20, "i32.atomic.rmw16.add_u": 0x21,
    "i64.atomic.rmw8.add_u": 0x22, "i64.atomic.rmw16.add_u": 0x23, "i64.atomic.rmw32.add_u": 0x24,
    "i32.atomic.rmw.sub": 0x25, "i64.atomic.rmw.sub": 0x26, "i32.atomic.rmw8.sub_u": 0x27,
    "i32.atomic.rmw16.sub_u": 0x28, "i64.atomic.rmw8.sub_u": 0x29, "i64.atomic.rmw16.sub_u": 0x2a,
    "i64.atomic.rmw32.sub_u": 0x2b, "i32.atomic.rmw.and": 0x2c, "i64.atomic.rmw.and": 0x2d,
    "i32.atomic.rmw8.and_u": 0x2e, "i32.atomic.rmw16.and_u": 0x2f, "i64.atomic.rmw8.and_u": 0x30,
    "i64.atomic.rmw16.and_u": 0x31, "i64.atomic.rmw32.and_u": 0x32, "i32.atomic.rmw.or": 0x33,
    "i64.atomic.rmw.or": 0x34, "i32.atomic.rmw8.or_u": 0x35, "i32.atomic.rmw16.or_u": 0x36,
    "i64.atomic.rmw8.or_u": 0x37, "i64.atomic.rmw16.or_u": 0x38, "i64.atomic.rmw32.or_u": 0x39,
    "i32.atomic.rmw.xor": 0x3a, "i64.atomic.rmw.xor": 0x3b, "i32.atomic.rmw8.xor_u": 0x3c,
    "i32.atomic.rmw16.xor_u": 0x3d, "i64.atomic.rmw8.xor_u": 0x3e, "i64.atomic.rmw16.xor_u": 0x3f,
    "i64.atomic.rmw32.xor_u": 0x40, "i32.atomic.rmw.xchg": 0x41, "i64.atomic.rmw.xchg": 0x42,
    "i32.atomic.rmw8.xchg_u": 0x43, "i32.atomic.rmw16.xchg_u": 0x44,
    "i64.atomic.rmw8.xchg_u": 0x45, "i64.atomic.rmw16.xchg_u": 0x46,
    "i64.atomic.rmw32.xchg_u": 0x47, "i32.atomic.rmw.cmpxchg": 0x48,
    "i64.atomic.rmw.cmpxchg": 0x49, "i32.atomic.rmw8.cmpxchg_u": 0x4a,
    "i32.atomic.rmw16.cmpxchg_u": 0x4b, "i64.atomic.rmw8.cmpxchg_u": 0x4c,
    "i64.atomic.rmw16.cmpxchg_u": 0x4d, "i64.atomic.rmw32.cmpxchg_u": 0x4e,
  }),
  group(0xfe, "threads", "zeroByte", { "atomic.fence": 0x03 }),
  group(0xfc, "wide-arithmetic", "none", {
    "i64.add128": 0x13, "i64.sub128": 0x14, "i64.mul_wide_s": 0x15, "i64.mul_wide_u": 0x16,
  }),
];

/** The spec's name of an instruction, e.g. `i32.add`. */
export type OpcodeName = NameOf<typeof groups[number]>;

const names: (OpcodeName | undefined)[] = new Array(OPCODE_COUNT).fill(undefined);
const immediates = new Uint8Array(OPCODE_COUNT);
const features: Feature[] = new Array(OPCODE_COUNT).fill("mvp");
const numbers: Record<string, number> = {};
for (const { prefix, feature, immediate, opcodes } of groups) {
  for (const [name, sub] of Object.entries(opcodes)) {
    const opcode = opcodeOf(prefix, sub as number);
    numbers[name] = opcode;
    names[opcode] = name as OpcodeName;
    immediates[opcode] = immediateKinds.indexOf(immediate);
    features[opcode] = feature;
  }
}

/** Opcodes by name: `Opcode["i32.add"]`. */
export const Opcode: Readonly<Record<OpcodeName, number>> = numbers as Record<OpcodeName, number>;

/** The name of an opcode, undefined where there is no such instruction. */
export function opcodeName(opcode: number): OpcodeName | undefined {
  return names[opcode];
}

/** What follows an opcode that has a name. */
export function immediateKind(opcode: number): ImmediateKind {
  return immediateKinds[immediates[opcode] as number] as ImmediateKind;
}

/** The feature an opcode that has a name belongs to. */
export function opcodeFeature(opcode: number): Feature {
  return features[opcode] as Feature;
}

/** Moves over the immediates of `opcode`, which was just read. Unknown opcodes have none. */
export function skipImmediates(reader: Reader, opcode: number): void {
  (skippers[immediates[opcode] as number] as (reader: Reader) => void)(reader);
}
