/**
 * What the table of opcodes is made of, and how opcodes are numbered and read.
 *
 * @module
 */
import type { ImmediateKind } from "./immediates.ts";
import type { Reader } from "./reader.ts";

/** The features that instructions, types and sections belong to. */
export type Feature =
  | "mvp"
  | "sign-extension"
  | "saturating-float-to-int"
  | "multi-value"
  | "bulk-memory"
  | "reference-types"
  | "simd"
  | "relaxed-simd"
  | "tail-calls"
  | "typed-function-references"
  | "gc"
  | "exceptions"
  | "legacy-exceptions"
  | "memory64"
  | "multi-memory"
  | "threads"
  | "custom-page-sizes"
  | "wide-arithmetic";

/** Opcodes that have everything but their names in common. */
export interface Group<Name extends string> {
  readonly prefix: number;
  readonly feature: Feature;
  readonly immediate: ImmediateKind;
  /** Without the prefix, by the spec's names. */
  readonly opcodes: Readonly<Record<Name, number>>;
}

/** A row of the table. */
export function group<Name extends string>(
  prefix: number,
  feature: Feature,
  immediate: ImmediateKind,
  opcodes: Readonly<Record<Name, number>>,
): Group<Name> {
  return { prefix, feature, immediate, opcodes };
}

/** The name of what a group has. */
export type NameOf<G> = G extends Group<infer Name> ? Name : never;

/** Opcodes are below this number. */
export const OPCODE_COUNT = (0xfe - 0xfa + 1) << 9;

/** The opcode of the instruction `sub` of a prefix byte; a prefix of 0 means none. */
export function opcodeOf(prefix: number, sub: number): number {
  return prefix === 0 ? sub : (prefix - 0xfa) << 9 | sub;
}

/** Reads an opcode with its prefix. Fails with `CompileError` where no prefix has so large a number. */
export function readOpcode(reader: Reader): number {
  const byte = reader.readByte();
  if (byte < 0xfb || byte === 0xff) return byte;
  const sub = reader.readU32();
  if (sub >= 0x200) reader.fail(`unknown opcode 0x${byte.toString(16)} ${sub}`);
  return (byte - 0xfa) << 9 | sub;
}
