/**
 * The rows of the opcode table that constant expressions may have (spec 3.3.10), apart from the others
 * because every module that is loaded has some.
 *
 * @module
 */
import { type Feature, group, type NameOf, opcodeOf } from "./opcode_group.ts";

/** The rows. */
// deno-fmt-ignore: as a table
export const constantGroups = [
  group(0x00, "mvp", "none", {
    end: 0x0b, "i32.add": 0x6a, "i32.sub": 0x6b, "i32.mul": 0x6c, "i64.add": 0x7c, "i64.sub": 0x7d,
    "i64.mul": 0x7e,
  }),
  group(0x00, "mvp", "i32", { "i32.const": 0x41 }),
  group(0x00, "mvp", "i64", { "i64.const": 0x42 }),
  group(0x00, "mvp", "f32", { "f32.const": 0x43 }),
  group(0x00, "mvp", "f64", { "f64.const": 0x44 }),
  group(0x00, "mvp", "global", { "global.get": 0x23 }),
  group(0x00, "reference-types", "heapType", { "ref.null": 0xd0 }),
  group(0x00, "reference-types", "function", { "ref.func": 0xd2 }),
  group(0xfb, "gc", "type", {
    "struct.new": 0x00, "struct.new_default": 0x01, "array.new": 0x06, "array.new_default": 0x07,
  }),
  group(0xfb, "gc", "typeCount", { "array.new_fixed": 0x08 }),
  group(0xfb, "gc", "none", {
    "any.convert_extern": 0x1a, "extern.convert_any": 0x1b, "ref.i31": 0x1c,
  }),
  group(0xfd, "simd", "v128", { "v128.const": 0x0c }),
];

/** The spec's name of an instruction of constant expressions. */
export type ConstantOpcodeName = NameOf<typeof constantGroups[number]>;

const numbers: Record<string, number> = {};
const rows = new Map<number, { readonly name: ConstantOpcodeName; readonly feature: Feature }>();
for (const { prefix, feature, opcodes } of constantGroups) {
  for (const [name, sub] of Object.entries(opcodes)) {
    const opcode = numbers[name] = opcodeOf(prefix, sub as number);
    rows.set(opcode, { name: name as ConstantOpcodeName, feature });
  }
}

/** Their opcodes by name. */
export const ConstantOpcode: Readonly<Record<ConstantOpcodeName, number>> = numbers as Record<
  ConstantOpcodeName,
  number
>;

/** The name and feature of an opcode; undefined when constant expressions do not have it. */
export function constantOpcode(
  opcode: number,
): { readonly name: ConstantOpcodeName; readonly feature: Feature } | undefined {
  return rows.get(opcode);
}
