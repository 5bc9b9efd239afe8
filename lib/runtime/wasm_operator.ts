/**
 * The wasm instruction at a place of a module, for reports: its name, and the operands that explain
 * a trap.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import { immediateKind, Opcode, opcodeName, readOpcode, skipImmediates } from "../wasm/opcodes.ts";
import { Reader } from "../wasm/reader.ts";
import type { Module } from "./module.ts";

/** An instruction. */
export interface WasmOperator {
  /** As the text format writes it: `i32.load8_u`. */
  readonly name: string;
  /** The access of a load or store. */
  readonly access?: WasmAccess;
  /** The copy or fill of memory whose length is a constant. */
  readonly bulk?: WasmBulk;
  /** The type and the table of an indirect call. */
  readonly indirectCall?: { readonly typeIndex: number; readonly table: number };
  /** The table of an instruction that takes one. */
  readonly table?: number;
  /** The constant that the instruction before it pushes, as a u32. */
  readonly constant?: number;
}

/** What a load or store accesses. */
export interface WasmAccess {
  readonly memory: number;
  readonly byteLength: number;
  readonly operation: "read" | "write";
}

/** A copy or fill of a constant length. */
export interface WasmBulk {
  /** The memory that is written. */
  readonly to: number;
  /** The memory that is read; undefined for a fill. */
  readonly from: number | undefined;
  readonly byteLength: number;
}

/**
 * The instruction at a byte offset of a function's body; undefined when none begins there, or the
 * module's bodies are not those that its code was compiled from.
 */
export function operatorAt(
  { translation, hasBodies }: Pick<Module, "translation" | "hasBodies">,
  functionIndex: number,
  offset: number | undefined,
): WasmOperator | undefined {
  if (!hasBodies || offset === undefined) return undefined;
  try {
    return findOperator(translation, functionIndex, offset);
  } catch (error) {
    if (error instanceof CompileError) return undefined;
    throw error;
  }
}

function findOperator(
  { module, functionBodies }: ModuleTranslation,
  functionIndex: number,
  offset: number,
): WasmOperator | undefined {
  const body = functionBodies[functionIndex - module.importedFunctions];
  if (body === undefined || offset < body.start || offset >= body.end) return undefined;
  const reader = new Reader(module.bytes, body.start, body.end);
  for (let groups = reader.readU32(); groups > 0; groups--) {
    reader.readU32();
    reader.readS33();
  }
  let constant: number | undefined;
  while (!reader.atEnd && reader.position <= offset) {
    const { position } = reader;
    const opcode = readOpcode(reader);
    if (position === offset) return describe(reader, opcode, constant);
    constant = undefined;
    if (opcode === Opcode["i32.const"]) constant = reader.readS32() >>> 0;
    else skipImmediates(reader, opcode);
  }
  return undefined;
}

function describe(
  reader: Reader,
  opcode: number,
  constant: number | undefined,
): WasmOperator | undefined {
  const name = opcodeName(opcode);
  if (name === undefined) return undefined;
  const common = { name, ...(constant !== undefined && { constant }) };
  switch (immediateKind(opcode)) {
    case "memarg":
    case "memargLane": {
      reader.readMemarg();
      const byteLength = accessBytes(name);
      if (byteLength === undefined) return common;
      const operation = name.includes(".store") ? "write" : "read";
      return { ...common, access: { memory: reader.memory, byteLength, operation } };
    }
    case "callIndirect": {
      const typeIndex = reader.readU32();
      return { ...common, indirectCall: { typeIndex, table: reader.readU32() } };
    }
    case "table":
      return { ...common, table: reader.readU32() };
    case "memory":
    case "twoMemories": {
      if (constant === undefined || !/^memory\.(copy|fill)$/.test(name)) return common;
      const to = reader.readU32();
      const from = name === "memory.copy" ? reader.readU32() : undefined;
      return { ...common, bulk: { to, from, byteLength: constant } };
    }
    default:
      return common;
  }
}

/** Bytes that a load or store accesses: `i64.load32_u`, `v128.load8x8_s`, `v128.store16_lane`. */
function accessBytes(name: string): number | undefined {
  const match = name.match(/^(i32|i64|f32|f64|v128)\.(?:load|store)(\d+)?(?:x(\d+))?/);
  if (match === null) return undefined;
  const [, type, bits, lanes] = match as unknown as [string, string, string?, string?];
  if (bits !== undefined) return Number(bits) * Number(lanes ?? 1) / 8;
  return type === "v128" ? 16 : Number(type.slice(1)) / 8;
}
