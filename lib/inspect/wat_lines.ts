/**
 * The body of a function as lines of the text format, each with its byte offset in the module.
 *
 * @module
 */
import { CompileKind } from "../compile/compile_key.ts";
import type { CodeSymbol } from "../link/code_object.ts";
import { functionName } from "../snapshot/symbol_names.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import { immediateKind, opcodeName, readOpcode, skipImmediates } from "../wasm/opcodes.ts";
import { Reader } from "../wasm/reader.ts";
import { type FunctionType, readValueType, type ValueType, valueTypeName } from "../wasm/types.ts";

/** A line of a function. */
export interface WatLine {
  /** Byte offset in the module. */
  readonly offset: number;
  /** How many blocks it stands in. */
  readonly depth: number;
  readonly text: string;
}

/** The lines of the function that a symbol is; none for a trampoline. */
export function watLines(translation: ModuleTranslation, { key }: CodeSymbol): WatLine[] {
  if (key.kind !== CompileKind.wasmFunction) return [];
  const { module, functionBodies } = translation;
  const body = functionBodies[key.index - module.importedFunctions];
  if (body === undefined) return [];
  const printer = new WatPrinter(translation, key.index);
  const reader = new Reader(module.bytes, body.start, body.end);
  const lines: WatLine[] = [{ offset: body.start, depth: 0, text: printer.header() }];
  const locals = printer.locals(reader);
  if (locals !== "") lines.push({ offset: body.start, depth: 1, text: locals });
  let depth = 1;
  while (!reader.atEnd) {
    const offset = reader.position, opcode = readOpcode(reader);
    const name = opcodeName(opcode) ?? `0x${opcode.toString(16)}`;
    const text = name + printer.immediates(reader, opcode);
    const closes = name === "end" || name === "else" || name === "delegate";
    if (closes) depth--;
    lines.push({ offset, depth: Math.max(0, depth), text: reader.atEnd ? ")" : text });
    if (name === "else" || /^(?:block|loop|if|try|try_table)$/.test(name)) depth++;
  }
  return lines;
}

class WatPrinter {
  readonly #translation: ModuleTranslation;
  readonly #index: number;

  constructor(translation: ModuleTranslation, index: number) {
    this.#translation = translation;
    this.#index = index;
  }

  /** `(func $fib (param $n i32) (result i32)`. */
  header(): string {
    const { module } = this.#translation;
    const { typeIndex } = module.functions[this.#index] as { typeIndex: number };
    const { params, results } = module.types[typeIndex] as FunctionType;
    const name = functionName(this.#translation, this.#index);
    let text = `(func ${name === undefined ? `(;${this.#index};)` : identifier(name)}`;
    params.forEach((type, n) => {
      const local = module.names.localName(this.#index, n);
      const named = local === undefined ? "" : `${identifier(local)} `;
      text += ` (param ${named}${valueTypeName(type)})`;
    });
    if (results.length > 0) text += ` (result ${results.map(valueTypeName).join(" ")})`;
    return text;
  }

  /** Reads the declarations of locals. */
  locals(reader: Reader): string {
    const groups: string[] = [];
    for (let count = reader.readU32(); count > 0; count--) {
      const n = reader.readU32(), type = valueTypeName(readValueType(reader));
      groups.push(n <= 4 ? `(local${` ${type}`.repeat(n)})` : `(local ${type} (;${n} times;))`);
    }
    return groups.join(" ");
  }

  /** Reads what follows an opcode. */
  immediates(reader: Reader, opcode: number): string {
    const index = (): string => ` ${reader.readU32()}`;
    switch (immediateKind(opcode)) {
      case "none":
        return "";
      case "blockType":
        return blockType(reader);
      case "function":
        return ` ${this.#function(reader.readU32())}`;
      case "local":
        return ` ${this.#local(reader.readU32())}`;
      case "global": {
        const n = reader.readU32();
        const name = this.#translation.module.names.map("global").get(n);
        return ` ${name === undefined ? n : identifier(name)}`;
      }
      case "label":
      case "type":
      case "data":
      case "tag":
        return index();
      case "table":
      case "memory": {
        const n = reader.readU32();
        return n === 0 ? "" : ` ${n}`;
      }
      case "callIndirect": {
        const type = reader.readU32(), table = reader.readU32();
        return `${table === 0 ? "" : ` ${table}`} (type ${type})`;
      }
      case "brTable": {
        let text = "";
        for (let count = reader.readU32(); count >= 0; count--) text += index();
        return text;
      }
      case "selectTypes": {
        const types: ValueType[] = [];
        for (let count = reader.readU32(); count > 0; count--) types.push(readValueType(reader));
        return ` (result ${types.map(valueTypeName).join(" ")})`;
      }
      case "memarg":
        return memarg(reader);
      case "memargLane":
        return `${memarg(reader)} ${reader.readByte()}`;
      case "lane":
        return ` ${reader.readByte()}`;
      case "shuffle":
        return Array.from({ length: 16 }, () => ` ${reader.readByte()}`).join("");
      case "i32":
        return ` ${reader.readS32()}`;
      case "i64":
        reader.readS64();
        return ` ${BigInt.asIntN(64, BigInt(reader.high) << 32n | BigInt(reader.low >>> 0))}`;
      case "f32":
        return ` ${float(reader, 4)}`;
      case "f64":
        return ` ${float(reader, 8)}`;
      case "v128":
        return " i32x4" + Array.from(
          { length: 4 },
          () => ` 0x${(reader.readFixed32() >>> 0).toString(16).padStart(8, "0")}`,
        ).join("");
      default: {
        const start = reader.position;
        skipImmediates(reader, opcode);
        const bytes = reader.bytes.subarray(start, reader.position);
        return bytes.length === 0 ? "" : ` (;${Array.from(bytes).join(" ")};)`;
      }
    }
  }

  #function(index: number): string {
    const name = functionName(this.#translation, index);
    return name === undefined ? `${index}` : identifier(name);
  }

  #local(index: number): string {
    const name = this.#translation.module.names.localName(this.#index, index);
    return name === undefined ? `${index}` : identifier(name);
  }
}

/** `$name`, quoted where the text format would not take it as it is. */
function identifier(name: string): string {
  return /^[\w!#$%&'*+\-./:<=>?@\\^`|~]+$/.test(name) ? `$${name}` : `$${JSON.stringify(name)}`;
}

function blockType(reader: Reader): string {
  const code = reader.peekByte();
  if (code === 0x40) {
    reader.readByte();
    return "";
  }
  if (code >= 0x40 && code < 0x80) return ` (result ${valueTypeName(readValueType(reader))})`;
  return ` (type ${reader.readS33()})`;
}

function memarg(reader: Reader): string {
  reader.readMemarg();
  const memory = reader.memory === 0 ? "" : ` ${reader.memory}`;
  const offset = (reader.high >>> 0) * 2 ** 32 + (reader.low >>> 0);
  return memory + (offset === 0 ? "" : ` offset=${offset}`);
}

function float(reader: Reader, bytes: 4 | 8): string {
  const view = new DataView(reader.bytes.buffer, reader.bytes.byteOffset + reader.position);
  reader.skip(bytes);
  const value = bytes === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0" : String(value);
}
