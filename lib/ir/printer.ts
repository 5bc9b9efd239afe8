/**
 * Prints a function as text that `parser.ts` reads back:
 *
 *     function (i64, i32) -> i32 {
 *     b0(v0: i64, v1: i32):
 *       v2 = i32_const 7                      ; @0042
 *       v3 = i64_load readonly vmctx v0+64
 *       v4 = i32_load heap v3+16 !memory-out-of-bounds
 *       v5 = call 3(v0, v4) (i64, i32) -> i32
 *       br_if v5, b1(v5), b2
 *     b1(v6: i32):
 *       return v6
 *     b2 cold:
 *       trap !unreachable
 *     }
 *
 * Numbers are those of the function. A wasm offset (`; @0042`, hexadecimal) stands where it differs
 * from the one before. A float that is a NaN is its bits (`nan:0x7fc00000`); everything else is the
 * shortest decimal that reads back as the same bits. A vector is a hexadecimal number of 128 bits, a
 * lane or the lanes of a shuffle follow the operands. A call's signature follows its operands. The
 * block at whose head the frame is built says `frame`, unless it is the entry.
 *
 * The verifier prints broken functions, so nothing here assumes that an invariant holds.
 *
 * @module
 */
import { type TrapKind, trapLabel } from "../base/trap_kind.ts";
import type { Block, Edge, Func, Value } from "./func.ts";
import {
  edgesOf,
  effectOf,
  immediateOf,
  isCall,
  MemoryFlags,
  Op,
  opNames,
  Region,
  type Region as RegionNumber,
} from "./ops.ts";
import { type Signature, type SignatureId, Type, typeNames } from "./types.ts";

/** Column of the wasm offsets. */
const LOCATION_COLUMN = 44;

/** Names of memory regions, by number. */
export const regionNames: readonly string[] = Object.keys(Region);

/** The text of a function; see the module's comment. */
export function print(func: Func): string {
  const lines = [`function ${printSignature(func.signature)} {`];
  let location = 0;
  for (let i = 0; i < func.layoutLength; i++) {
    const block = func.layout(i), paramCount = func.paramCount(block);
    lines.push(printHead(func, block));
    let v = func.first(block);
    for (let n = 0; v >= 0 && n < func.valueCount; n++, v = func.next(v)) {
      if (n < paramCount && func.op(v) === Op.param) continue;
      const text = "  " + printInstruction(func, v), at = func.location(v);
      lines.push(at === location ? text : `${text.padEnd(LOCATION_COLUMN)} ; @${hex(at, 4)}`);
      location = at;
    }
  }
  lines.push("}", "");
  return lines.join("\n");
}

/** A signature: `(i64, i32) -> i32`, with several or no results in parentheses. */
export function printSignature(signature: Signature): string {
  const list = (types: readonly Type[]): string => types.map((t) => typeNames[t]).join(", ");
  const results = signature.results.length === 1
    ? list(signature.results)
    : `(${list(signature.results)})`;
  return `(${list(signature.params)}) -> ${results}`;
}

/** The text of one instruction, without its wasm offset. */
export function printInstruction(func: Func, v: Value): string {
  const name = opNames[func.op(v)] ?? `op${func.op(v)}`;
  const define = func.type(v) === Type.void ? "" : `v${v} = `;
  return define + name + printRest(func, v);
}

function printHead(func: Func, block: Block): string {
  const params: string[] = [];
  let v = func.first(block);
  for (let i = func.paramCount(block); i > 0 && v >= 0; i--, v = func.next(v)) {
    if (func.op(v) === Op.param) params.push(`v${v}: ${typeNames[func.type(v)]}`);
  }
  const list = params.length > 0 ? `(${params.join(", ")})` : "";
  const frame = block === func.frameBlock ? " frame" : "";
  return `b${block}${list}${frame}${func.isCold(block) ? " cold" : ""}:`;
}

/** Everything after the opcode, with the space before it. */
function printRest(func: Func, v: Value): string {
  const op = func.op(v);
  if (isCall[op] === 1) return printCall(func, v);
  if (op === Op.result) return ` v${func.a(v)}.${func.low(v)}`;
  if (edgesOf[op] !== 0) return printBranch(func, v);
  switch (immediateOf[op]) {
    case "const32":
      return ` ${op === Op.f32_const ? f32Text(func.low(v)) : func.low(v)}`;
    case "const64":
      return ` ${(op === Op.f64_const ? f64Text : i64Text)(func.low(v), func.high(v))}`;
    case "memory":
      return printAccess(func, v);
    case "trap":
      return `${printArgs(func, v, 0)} !${trapLabel(func.low(v) as TrapKind)}`;
    case "const128":
      return ` 0x${[3, 2, 1, 0].map((k) => hex(func.vectors.word(func.low(v), k), 8)).join("")}`;
    case "lane":
      return `${printArgs(func, v, 0)}, ${func.low(v)}`;
    case "lanes":
      return `${printArgs(func, v, 0)}, ${lanesText(func, v)}`;
    case "index":
      return ` ${func.low(v)}`;
    default:
      return printArgs(func, v, 0);
  }
}

function printArgs(func: Func, v: Value, from: number): string {
  let text = "";
  for (let i = from; i < func.argCount(v); i++) text += `${i > from ? "," : ""} v${func.arg(v, i)}`;
  return text;
}

function lanesText(func: Func, v: Value): string {
  return Array.from({ length: 16 }, (_, k) => func.vectors.byte(func.low(v), k)).join(" ");
}

function printAccess(func: Func, v: Value): string {
  const flags = func.high(v), trap = MemoryFlags.trap(flags);
  const region = regionNames[MemoryFlags.region(flags) as RegionNumber] ?? "any";
  return (MemoryFlags.isReadonly(flags) ? " readonly " : " ") +
    `${region} v${func.a(v)}+${func.low(v) >>> 0}` +
    (effectOf[func.op(v)] === "store" ? `, v${func.b(v)}` : "") +
    (trap >= 0 ? ` !${trapLabel(trap as TrapKind)}` : "");
}

function printCall(func: Func, v: Value): string {
  const isPointer = func.op(v) === Op.call_ptr;
  const callee = isPointer ? `v${func.arg(v, 0)}` : `${func.low(v)}`;
  const signature = func.signatures?.get(func.high(v) as SignatureId);
  return ` ${callee}(${printArgs(func, v, isPointer ? 1 : 0).trimStart()}) ` +
    (signature === undefined ? "?" : printSignature(signature));
}

function printBranch(func: Func, v: Value): string {
  const parts: string[] = [];
  if (func.argCount(v) > 0) parts.push(`v${func.arg(v, 0)}`);
  for (let i = 0; i < func.edgeCount(v); i++) parts.push(printEdge(func, func.edge(v, i)));
  return " " + parts.join(", ");
}

function printEdge(func: Func, edge: Edge): string {
  const args: string[] = [];
  for (let i = 0; i < func.edgeArgCount(edge); i++) args.push(`v${func.edgeArg(edge, i)}`);
  return `b${func.edgeTarget(edge)}${args.length > 0 ? `(${args.join(", ")})` : ""}`;
}

// ── Numbers ─────────────────────────────────────────────────────────────────────────────────────

function hex(n: number, digits: number): string {
  return (n >>> 0).toString(16).padStart(digits, "0");
}

function i64Text(low: number, high: number): string {
  return ((BigInt(high) << 32n) | BigInt(low >>> 0)).toString();
}

const view = new DataView(new ArrayBuffer(8));

function f32Text(bits: number): string {
  view.setInt32(0, bits);
  const n = view.getFloat32(0);
  return n !== n ? `nan:0x${hex(bits, 8)}` : floatText(n);
}

function f64Text(low: number, high: number): string {
  view.setInt32(0, high);
  view.setInt32(4, low);
  const n = view.getFloat64(0);
  return n !== n ? `nan:0x${hex(high, 8)}${hex(low, 8)}` : floatText(n);
}

function floatText(n: number): string {
  if (Object.is(n, -0)) return "-0";
  return n === Infinity ? "inf" : n === -Infinity ? "-inf" : String(n);
}
