import type { Builder } from "./builder.ts";
import { type Func, NO_VALUE, type Value } from "./func.ts";
import { type Op } from "./ops.ts";
export function strippedCondition(func: Func, condition: Value): Value {
  void func;
  void condition;
  return NO_VALUE;
}
export function simplifyUnary(b: Builder, op: Op, a: Value): Value {
  void b, op, a;
  return NO_VALUE;
}
export function simplifyBinary(b: Builder, op: Op, x: Value, y: Value): Value {
  void b, op, x, y;
  return NO_VALUE;
}
export function simplifySelect(b: Builder, condition: Value, x: Value, y: Value): Value {
  void b, condition, x, y;
  return NO_VALUE;
}
