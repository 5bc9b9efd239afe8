/** Replays a finished function through the builder, as a translator would make it. */
import { Builder } from "../../lib/ir/builder.ts";
import { ControlFlow } from "../../lib/ir/cfg.ts";
import { type Block, type Edge, Func, NO_BLOCK, type Value } from "../../lib/ir/func.ts";
import { effectOf, immediateOf, isCall, isLoad, isStore, Op } from "../../lib/ir/ops.ts";
import type { SignatureTable } from "../../lib/ir/types.ts";

/** The same function, folded, simplified and value-numbered. Blocks that became dead are gone. */
export function rebuild(source: Func): Func {
  const func = new Func(), builder = new Builder(), flow = new ControlFlow();
  func.reset(source.signature, source.signatures as SignatureTable);
  builder.reset(func);
  flow.compute(source);
  const values: Value[] = [], blocks: Block[] = [];
  for (let i = 0; i < flow.length; i++) {
    const old = flow.order(i), block = func.createBlock();
    blocks[old] = block;
    let p = source.first(old);
    for (let k = source.paramCount(old); k > 0; k--, p = source.next(p)) {
      values[p] = func.appendParam(block, Op.param, source.type(p), source.location(p));
    }
  }
  const valueOf = (v: Value): Value => values[v] as Value;
  const edgeOf = (e: Edge, from: Block): Edge => {
    const edge = func.createEdge(from, blocks[source.edgeTarget(e)] as Block);
    const args = Array.from(
      { length: source.edgeArgCount(e) },
      (_, i) => valueOf(source.edgeArg(e, i)),
    );
    func.setEdgeArgs(edge, args, 0, args.length);
    return edge;
  };
  const replay = (v: Value): Value | void => {
    const op = source.op(v), low = source.low(v), high = source.high(v);
    const args = Array.from({ length: source.argCount(v) }, (_, i) => valueOf(source.arg(v, i)));
    const [a, b, c] = args as [Value, Value, Value];
    builder.location = source.location(v);
    if (immediateOf[op] === "const32" || immediateOf[op] === "const64") {
      return builder.constant(source.type(v), low, high);
    }
    if (isLoad[op]) return builder.load(op, a, low, high);
    if (isStore[op]) return builder.store(op, a, b, low, high);
    if (op === Op.call) return builder.call(low, high as never, args, 0, args.length);
    if (op === Op.call_ptr) return builder.callPtr(high as never, args, 0, args.length);
    if (isCall[op]) return builder.callBuiltin(low, high as never, args, 0, args.length);
    if (op === Op.result) return builder.result(a, low, source.type(v));
    if (op === Op.stack_address) return builder.stackAddress(low);
    if (op === Op.trap_if) return builder.trapIf(a, low as never);
    if (op === Op.trap_unless) return builder.trapUnless(a, low as never);
    if (op === Op.select) return builder.select(a, b, c);
    if (effectOf[op] === "end") {
      const edges = Array.from(
        { length: source.edgeCount(v) },
        (_, i) => edgeOf(source.edge(v, i), builder.block),
      );
      if (op === Op.jump) return builder.jump(edges[0] as Edge);
      if (op === Op.br_if) return void builder.brIf(a, edges[0] as Edge, edges[1] as Edge);
      if (op === Op.br_table) return void builder.brTable(a, edges, 0, edges.length);
      if (op === Op.trap) return builder.trap(low as never);
      return builder.return(args, 0, args.length);
    }
    return args.length === 1 ? builder.unary(op, a) : builder.binary(op, a, b);
  };
  for (let i = 0; i < flow.length; i++) {
    const old = flow.order(i), block = blocks[old] as Block;
    if (i > 0 && builder.dominatorOf(block) === NO_BLOCK) continue;
    builder.setBlock(block);
    func.appendToLayout(block);
    func.setCold(block, source.isCold(old));
    let v = source.first(old);
    for (let k = source.paramCount(old); k > 0; k--) v = source.next(v);
    for (; v >= 0; v = source.next(v)) {
      const made = replay(v);
      if (made !== undefined) values[v] = made;
    }
  }
  return func;
}
