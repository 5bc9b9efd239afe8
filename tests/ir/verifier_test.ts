import { ok, throws } from "node:assert";
import { InternalError } from "../../lib/base/errors.ts";
import type { Block, Func, Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { parse } from "../../lib/ir/parser.ts";
import { Type } from "../../lib/ir/types.ts";
import { verify } from "../../lib/ir/verifier.ts";

const valid = `function (i32, i64) -> i32 {
b0(v0: i32, v1: i64):
  v2 = i32_add v0, v0
  v3 = call 1(v0) (i32) -> (i32, f64)
  v4 = result v3.1
  v5 = i32_load heap v1+4 !memory-out-of-bounds
  br_if v2, b1(v2), b2
b1(v7: i32):
  return v7
b2:
  v9 = i32_mul v2, v5
  jump b1(v9)
}
`;

type Break = (func: Func) => void;
const v = (n: number): Value => n as Value;
const b = (n: number): Block => n as Block;

/** One broken function per invariant: how it is broken, and what the verifier says. */
const broken: Readonly<Record<string, readonly [Break, RegExp]>> = {
  "no blocks": [(f) => f.setLayout([], 0), /no entry block/],
  "a block that is not there": [(f) => f.setLayout([0, 1, 2, 9], 4), /no block b9/],
  "a block twice in the layout": [(f) => f.setLayout([0, 1, 2, 1], 4), /b1 occurs twice/],
  "a block missing in the layout": [(f) => f.setLayout([0, 1], 2), /b2 is not in the layout/],
  "an unreachable block": [
    (f) => {
      const block = f.createBlock();
      f.append(block, f.create(Op.trap, Type.void, 0));
      f.appendToLayout(block);
    },
    /cannot be reached/,
  ],
  "an empty block": [(f) => f.appendToLayout(f.createBlock()), /it is empty/],
  "no terminator": [(f) => f.remove(f.last(b(2))), /no terminator/],
  "a terminator in the middle": [
    (f) => f.insertBefore(f.create(Op.trap, Type.void, 0), v(9)),
    /terminator is not the last/,
  ],
  "a parameter after an instruction": [
    (f) => f.insertBefore(f.create(Op.param, Type.i32, 0), v(3)),
    /which come first/,
  ],
  "fewer parameters than counted": [(f) => f.remove(v(7)), /which come first/],
  "an entry without the function's parameters": [
    (f) => f.signature = { params: [Type.i32], results: [Type.i32] },
    /lacks the function's parameters/,
  ],
  "an entry with parameters of other types": [
    (f) => f.signature = { params: [Type.i32, Type.i32], results: [Type.i32] },
    /parameter 1 of the function/,
  ],
  "an entry with a predecessor": [
    (f) => {
      const e = f.edge(f.last(b(2)), 0);
      f.setEdgeTarget(e, b(0));
      f.setEdgeArgs(e, [0, 1], 0, 2);
    },
    /entry has a predecessor/,
  ],
  "too few edge arguments": [
    (f) => f.removeEdgeArg(f.edge(f.last(b(2)), 0), 0),
    /has 1 parameters/,
  ],
  "an edge argument of another type": [
    (f) => f.setEdgeArg(f.edge(f.last(b(2)), 0), 0, v(1)),
    /argument 0 to b1 is v1: i64/,
  ],
  "an edge argument that does not dominate": [
    (f) => f.setEdgeArg(f.edge(f.last(b(0)), 0), 0, v(9)),
    /v9 does not dominate/,
  ],
  "an edge with a wrong source": [
    (f) => f.setEdgeSource(f.edge(f.last(b(2)), 0), b(0)),
    /comes from b0/,
  ],
  "an edge with two owners": [
    (f) => f.setEdges(f.last(b(0)), f.edge(f.last(b(0)), 0), f.edge(f.last(b(0)), 0)),
    /two owners/,
  ],
  "no such edge": [(f) => f.setEdges(f.last(b(2)), 77 as never), /no edge 77/],
  "an operand that is not there": [(f) => f.setArg(v(2), 0, v(99)), /v99, which does not exist/],
  "an operand that was removed": [(f) => f.remove(v(5)), /v5, which does not exist/],
  "an operand without a value": [(f) => f.setArg(v(9), 0, f.last(b(0))), /is no value/],
  "a use before the definition": [(f) => f.setArg(v(2), 0, v(5)), /v5 does not dominate/],
  "a definition that does not dominate": [
    (f) => f.setArgList(f.last(b(1)), [9], 0, 1),
    /v9 does not/,
  ],
  "an operand of another type": [(f) => f.setArg(v(2), 1, v(1)), /operand 1 is v1: i64/],
  "a result of another type": [(f) => f.setOp(v(9), Op.i32_mul, Type.i64), /result is of type i32/],
  "a returned value of another type": [
    (f) => f.setArgList(f.last(b(1)), [1], 0, 1),
    /result 0 is v1: i64/,
  ],
  "too few returned values": [(f) => f.setArgList(f.last(b(1)), [], 0, 0), /0 operands where 1/],
  "a call with too many arguments": [(f) => f.setArgList(v(3), [0, 0], 0, 2), /2 operands where 1/],
  "a call argument of another type": [(f) => f.setArgList(v(3), [1], 0, 1), /argument 0 is v1/],
  "a call of another type": [(f) => f.setOp(v(3), Op.call, Type.void), /first result/],
  "a call of an unknown signature": [(f) => f.setImmediate(v(3), 1, 99), /no such signature/],
  "a result apart from its call": [
    (f) => {
      f.remove(v(4));
      f.insertBefore(v(4), f.last(b(0)));
    },
    /does not follow its call/,
  ],
  "a result that the call does not have": [
    (f) => f.setImmediate(v(4), 2, 0),
    /no further result 2/,
  ],
  "a result of another type than the call's": [
    (f) => f.setOp(v(4), Op.result, Type.i32),
    /result 1 is of another type/,
  ],
  "a result of something else": [(f) => f.setArg(v(4), 0, v(2)), /v2 is no call/],
  "an unknown trap kind": [(f) => f.setImmediate(v(5), 4, 200), /no such trap kind/],
  "an unknown region": [(f) => f.setImmediate(v(5), 4, 7 << 9), /no such memory region/],
  "a select of different types": [
    (f) => {
      const select = f.create(Op.select, Type.i32, 0);
      f.setArgs(select, v(0), v(0), v(1));
      f.insertBefore(select, v(9));
    },
    /operand 2 is v1: i64/,
  ],
  "a 32-bit constant with a high half": [
    (f) => {
      const constant = f.create(Op.i32_const, Type.i32, 0);
      f.setImmediate(constant, 1, 1);
      f.insertBefore(constant, v(9));
    },
    /high half/,
  ],
};

Deno.test("a valid function is accepted", () => verify(parse(valid)));

for (const [name, [change, expected]] of Object.entries(broken)) {
  Deno.test(`the verifier rejects ${name}`, () => {
    const func = parse(valid);
    change(func);
    throws(() => verify(func), (error) => {
      ok(error instanceof InternalError);
      ok(expected.test(error.message.split("\n")[0] as string), error.message);
      ok(error.message.startsWith("Cannot accept function: "));
      return true;
    });
  });
}
