/**
 * Checks every invariant that `func.ts` and `ops.ts` state, and throws at the first that is broken.
 * It runs after every pass in tests and takes nothing for granted: links, numbers and lists are
 * checked before they are followed.
 *
 * @module
 */
import { InternalError } from "../base/errors.ts";
import { trapKindNames } from "../base/trap_kind.ts";
import { ControlFlow } from "./cfg.ts";
import { type Block, type Edge, type Func, NO_BLOCK, type Value } from "./func.ts";
import {
  argumentCount,
  edgesOf,
  immediateOf,
  isCall,
  isTerminator,
  laneCount,
  LIST,
  MemoryFlags,
  Op,
  operandTypes,
  opNames,
  Region,
  resultOf,
} from "./ops.ts";
import { print, printInstruction, printSignature } from "./printer.ts";
import { type Signature, type SignatureId, Type, typeNames } from "./types.ts";

/** Throws an `InternalError` that says where and what, with the function's text, unless it is valid. */
export function verify(func: Func): void {
  new Verifier(func).run();
}

class Verifier {
  readonly #func: Func;
  readonly #flow = new ControlFlow();
  /** Position of each value in its block, -1 for values that stand in none. */
  readonly #position: Int32Array;
  readonly #inLayout: Uint8Array;
  readonly #edgeOwner: Int32Array;
  /** Where we are, for the message: the instruction if there is one, else the place in words. */
  #place = "";
  #at = -1;

  constructor(func: Func) {
    this.#func = func;
    this.#position = new Int32Array(func.valueCount).fill(-1);
    this.#inLayout = new Uint8Array(func.blockCount);
    this.#edgeOwner = new Int32Array(func.edgeTotal).fill(-1);
  }

  run(): void {
    const func = this.#func;
    this.#layout();
    for (let i = 0; i < func.layoutLength; i++) this.#shape(func.layout(i));
    for (let i = 0; i < func.layoutLength; i++) this.#edges(func.layout(i));
    this.#flow.compute(func);
    this.#entry();
    this.#frame();
    for (let i = 0; i < func.layoutLength; i++) {
      const block = func.layout(i);
      this.#place = `b${block}`;
      this.#check(this.#flow.isReachable(block), "it is in the layout but cannot be reached");
      for (let v = func.first(block); v >= 0; v = func.next(v)) {
        this.#at = v;
        this.#instruction(block, v);
      }
      this.#at = -1;
    }
  }

  #check(holds: boolean, reason: string): asserts holds {
    if (holds) return;
    const func = this.#func, at = this.#at as Value;
    const place = at < 0 ? this.#place : `b${func.block(at)}, "${printInstruction(func, at)}"`;
    throw new InternalError(`Cannot accept function: ${place}: ${reason}\n${print(func)}`);
  }

  // ── Blocks ────────────────────────────────────────────────────────────────────────────────────

  #layout(): void {
    const func = this.#func;
    this.#place = "layout";
    this.#check(func.layoutLength > 0, "there is no entry block");
    for (let i = 0; i < func.layoutLength; i++) {
      const block = func.layout(i);
      if (block < 0 || block >= func.blockCount) {
        throw new InternalError(`Cannot accept function: layout: there is no block b${block}`);
      }
      this.#check(this.#inLayout[block] === 0, `b${block} occurs twice`);
      this.#inLayout[block] = 1;
    }
  }

  /** `param* instruction* terminator`, linked both ways. */
  #shape(block: Block): void {
    const func = this.#func;
    let previous: number = -1, count = 0;
    for (let v = func.first(block); v !== -1; v = func.next(v)) {
      this.#place = `b${block}, position ${count}`;
      this.#check(v >= 0 && v < func.valueCount, `there is no instruction v${v}`);
      this.#check(opNames[func.op(v)] !== undefined, `v${v} has no opcode`);
      this.#check(this.#position[v] === -1, `v${v} is linked twice`);
      this.#check(func.block(v) === block, `v${v} says that it stands in b${func.block(v)}`);
      this.#check(func.previous(v) === previous, `v${v} is not linked back`);
      const isParam = func.op(v) === Op.param;
      this.#check(
        isParam === count < func.paramCount(block),
        `the block has ${func.paramCount(block)} parameters, which come first`,
      );
      this.#check(
        (isTerminator[func.op(v)] === 1) === (func.next(v) === -1),
        func.next(v) === -1 ? "the block has no terminator" : "a terminator is not the last",
      );
      this.#position[v] = count++;
      previous = v;
    }
    this.#place = `b${block}`;
    this.#check(count > 0, "it is empty");
    this.#check(func.last(block) === previous, `its last instruction is not v${func.last(block)}`);
  }

  #entry(): void {
    const func = this.#func, entry = func.layout(0), { params } = func.signature;
    this.#place = `b${entry}`;
    this.#check(this.#flow.predecessorCount(entry) === 0, "the entry has a predecessor");
    this.#check(
      func.paramCount(entry) === params.length,
      "the entry lacks the function's parameters",
    );
    for (let i = 0, v = func.first(entry); i < params.length; i++, v = func.next(v)) {
      this.#check(
        func.type(v) === params[i],
        `parameter ${i} of the function is of type ${typeNames[params[i] as Type]}`,
      );
    }
  }

  /** What the frame block dominates is entered there, once, and nothing else needs the frame. */
  #frame(): void {
    const func = this.#func, flow = this.#flow, place = func.frameBlock;
    if (place === NO_BLOCK) return;
    this.#place = "frame";
    this.#check(this.#inLayout[place] === 1, `b${place} is not in the layout`);
    this.#check(place !== func.layout(0), "the entry is no frame block");
    for (let i = 0; i < func.layoutLength; i++) {
      const block = func.layout(i), end = func.last(block);
      if (!flow.isReachable(block)) continue;
      const isInside = flow.dominates(place, block);
      for (let k = 0; k < func.edgeCount(end); k++) {
        const target = func.edgeTarget(func.edge(end, k));
        this.#check(
          isInside ? target !== place && flow.dominates(place, target) : true,
          `b${block} leads from where there is a frame to b${target}`,
        );
      }
      if (isInside) continue;
      for (let v = func.first(block); v >= 0; v = func.next(v)) {
        this.#check(
          isCall[func.op(v)] === 0 && func.op(v) !== Op.stack_address,
          `v${v} in b${block} needs the frame`,
        );
      }
    }
  }

  // ── Edges ─────────────────────────────────────────────────────────────────────────────────────

  #edges(block: Block): void {
    const func = this.#func, v = func.last(block);
    this.#place = `b${block}, "${opNames[func.op(v)]}"`;
    const count = func.edgeCount(v);
    if (edgesOf[func.op(v)] === LIST) this.#check(count > 0, "it has no edges");
    for (let i = 0; i < count; i++) {
      const edge = func.edge(v, i);
      this.#check(edge >= 0 && edge < func.edgeTotal, `there is no edge ${edge}`);
      this.#check(this.#edgeOwner[edge] === -1, `edge ${edge} has two owners`);
      this.#edgeOwner[edge] = v;
      this.#check(
        func.edgeSource(edge) === block,
        `its edge ${i} says that it comes from b${func.edgeSource(edge)}`,
      );
      const target = func.edgeTarget(edge);
      this.#check(this.#inLayout[target] === 1, `b${target} is not in the layout`);
      this.#check(
        func.edgeArgCount(edge) === func.paramCount(target),
        `b${target} has ${func.paramCount(target)} parameters, not ${func.edgeArgCount(edge)}`,
      );
    }
  }

  #edgeArguments(block: Block, v: Value, edge: Edge): void {
    const func = this.#func, target = func.edgeTarget(edge);
    let param = func.first(target);
    for (let i = 0; i < func.edgeArgCount(edge); i++, param = func.next(param)) {
      const arg = func.edgeArg(edge, i);
      this.#use(block, v, arg);
      this.#type(arg, func.type(param), `argument ${i} to b${target}`);
    }
  }

  // ── Instructions ──────────────────────────────────────────────────────────────────────────────

  #instruction(block: Block, v: Value): void {
    const func = this.#func, op = func.op(v), args = func.argCount(v);
    for (let i = 0; i < args; i++) this.#use(block, v, func.arg(v, i));
    for (let i = 0; i < func.edgeCount(v); i++) this.#edgeArguments(block, v, func.edge(v, i));
    if (argumentCount[op] !== LIST) {
      for (let i = 0; i < args; i++) {
        const type = operandTypes[3 * op + i] as number;
        if (type >= 0) this.#type(func.arg(v, i), type as Type, `operand ${i}`);
      }
    }
    const result = resultOf[op] as number;
    if (result >= 0) {
      this.#check(func.type(v) === result, `its result is of type ${typeNames[result]}`);
    }
    if (isCall[op] === 1) this.#call(v);
    else if (op === Op.return) this.#list(v, 0, func.signature.results, "result");
    else if (op === Op.result) this.#result(v);
    else if (op === Op.select) {
      this.#check(func.type(v) !== Type.void, "it selects nothing");
      this.#type(func.b(v), func.type(v), "operand 1");
      this.#type(func.c(v), func.type(v), "operand 2");
    } else if (op === Op.param) {
      this.#check(func.type(v) !== Type.void, "a parameter has a type");
    }
    this.#immediate(v);
  }

  /** `v`, which stands in `block`, may use `arg`. */
  #use(block: Block, v: Value, arg: Value): void {
    const func = this.#func;
    this.#check(
      arg >= 0 && arg < func.valueCount && (this.#position[arg] as number) >= 0,
      `it uses v${arg}, which does not exist`,
    );
    this.#check(func.type(arg) !== Type.void || isCall[func.op(arg)] === 1, `v${arg} is no value`);
    const definition = func.block(arg);
    this.#check(
      definition === block
        ? (this.#position[arg] as number) < (this.#position[v] as number)
        : this.#flow.dominates(definition, block),
      `v${arg} does not dominate its use`,
    );
  }

  #type(arg: Value, type: Type, what: string): void {
    const actual = this.#func.type(arg);
    this.#check(
      actual === type,
      `${what} is v${arg}: ${typeNames[actual]}, and must be of type ${typeNames[type]}`,
    );
  }

  #list(v: Value, from: number, types: readonly Type[], what: string): void {
    const func = this.#func;
    this.#check(
      func.argCount(v) - from === types.length,
      `it has ${func.argCount(v) - from} operands where ${types.length} are due`,
    );
    for (let i = 0; i < types.length; i++) {
      this.#type(func.arg(v, from + i), types[i] as Type, `${what} ${i}`);
    }
  }

  #signature(call: Value): Signature {
    const signature = this.#func.signatures?.get(this.#func.high(call) as SignatureId);
    this.#check(signature !== undefined, "there is no such signature");
    return signature;
  }

  #call(v: Value): void {
    const func = this.#func, signature = this.#signature(v);
    const isPointer = func.op(v) === Op.call_ptr;
    if (isPointer) {
      this.#check(func.argCount(v) > 0, "it has no code pointer");
      this.#type(func.arg(v, 0), Type.i64, "the code pointer");
    }
    this.#list(v, isPointer ? 1 : 0, signature.params, "argument");
    this.#check(
      func.type(v) === (signature.results[0] ?? Type.void),
      `its type is not the first result of ${printSignature(signature)}`,
    );
  }

  /** Further results follow their call in order, with nothing but each other in between. */
  #result(v: Value): void {
    const func = this.#func, call = func.a(v), index = func.low(v), before = func.previous(v);
    this.#check(isCall[func.op(call)] === 1, `v${call} is no call`);
    const follows = before === call ||
      (before >= 0 && func.op(before) === Op.result && func.a(before) === call &&
        func.low(before) < index);
    this.#check(follows, `it does not follow its call v${call} in order`);
    const { results } = this.#signature(call);
    this.#check(index >= 1 && index < results.length, `v${call} has no further result ${index}`);
    this.#check(func.type(v) === results[index], `result ${index} is of another type`);
  }

  #lanes(index: number): void {
    const { vectors } = this.#func;
    this.#check(index >= 0 && index < vectors.count, `there is no vector ${index}`);
    for (let k = 0; k < 16; k++) {
      this.#check(vectors.byte(index, k) < 32, `there is no lane ${vectors.byte(index, k)}`);
    }
  }

  #immediate(v: Value): void {
    const func = this.#func;
    switch (immediateOf[func.op(v)]) {
      case "const32":
        this.#check(func.high(v) === 0, "the high half of its constant is not zero");
        break;
      case "const128":
        this.#check(
          func.low(v) >= 0 && func.low(v) < func.vectors.count,
          `there is no vector ${func.low(v)}`,
        );
        break;
      case "lanes":
        this.#lanes(func.low(v));
        break;
      case "lane":
        this.#check(
          func.low(v) >= 0 && func.low(v) < (laneCount[func.op(v)] as number),
          `there is no lane ${func.low(v)}`,
        );
        break;
      case "trap":
        this.#check(trapKindNames[func.low(v)] !== undefined, "there is no such trap kind");
        break;
      case "memory": {
        const flags = func.high(v), trap = MemoryFlags.trap(flags);
        this.#check(trap < trapKindNames.length, "there is no such trap kind");
        this.#check(
          flags >>> 12 === 0 && MemoryFlags.region(flags) <= Region.stack,
          "there is no such memory region",
        );
        break;
      }
    }
  }
}
