/**
 * Which vectors of a function live as floats, a register for each lane, rather than as halves in
 * integer registers: those that only operators on such lanes make and read. Moving lanes between the
 * two takes more instructions than most operators do.
 *
 * Loads, block parameters and what float operators make can be lanes; stores and edges to parameters
 * that are lanes take them as such. A parameter is lanes if everything that it is given can be. All of
 * it is assumed at first and given up where it does not hold.
 *
 * @module
 */
import type { ControlFlow } from "../../ir/cfg.ts";
import { growUint8, NONE } from "../../base/handle.ts";
import type { Edge, Func, Value } from "../../ir/func.ts";
import { isStore, Op, opNames } from "../../ir/ops.ts";
import { Type } from "../../ir/types.ts";

/** How a vector lives; the floats are numbered as flags. */
export const LaneKind = { halves: 0, f32: 1, f64: 2 } as const;
/** A value of {@linkcode LaneKind}. */
export type LaneKind = typeof LaneKind[keyof typeof LaneKind];

const arithmetic = /^f(32x4|64x2)_(add|sub|mul|div|min|max|sqrt|ceil|floor|trunc|nearest|abs|neg)$/;
const kindOfShape = (name: string): LaneKind =>
  name.startsWith("f32x4") ? LaneKind.f32 : LaneKind.f64;

/** The kind of lanes that an opcode makes, and the kind that it reads; 0 for others. */
const makes = new Uint8Array(opNames.length), reads = new Uint8Array(opNames.length);
for (const name of opNames) {
  const op = Op[name];
  if (arithmetic.test(name)) makes[op] = reads[op] = kindOfShape(name);
  else if (/^f(32x4|64x2)_(splat|replace_lane)$/.test(name)) makes[op] = kindOfShape(name);
  if (/^f(32x4|64x2)_(extract_lane|replace_lane|eq|ne|lt|gt|le|ge)$/.test(name)) {
    reads[op] = kindOfShape(name);
  }
}
for (const s of ["s", "u"] as const) {
  makes[Op[`f32x4_convert_i32x4_${s}`]] = LaneKind.f32;
  makes[Op[`f64x2_convert_low_i32x4_${s}`]] = LaneKind.f64;
  reads[Op[`i32x4_trunc_sat_f32x4_${s}`]] = LaneKind.f32;
  reads[Op[`i32x4_trunc_sat_f64x2_${s}_zero`]] = LaneKind.f64;
}
makes[Op.f64x2_promote_low_f32x4] = reads[Op.f32x4_demote_f64x2_zero] = LaneKind.f64;
makes[Op.f32x4_demote_f64x2_zero] = reads[Op.f64x2_promote_low_f32x4] = LaneKind.f32;

/** Both kinds: what a constant, a load or a parameter can be. */
const ANY = LaneKind.f32 | LaneKind.f64;
/** A use as halves. */
const OTHER = 4;

/** Answers for one function after the other; its arrays are reused. */
export class LaneKinds {
  /** By value: the kinds it can be, and how it is used. */
  #possible = new Uint8Array(64);
  #uses = new Uint8Array(64);

  /** Looks at a function. */
  compute(func: Func, flow: ControlFlow): void {
    const n = func.valueCount;
    if (n > this.#possible.length) {
      this.#possible = growUint8(this.#possible, n);
      this.#uses = growUint8(this.#uses, n);
    }
    this.#possible.fill(0, 0, n);
    this.#uses.fill(0, 0, n);
    this.#collect(func, flow);
    while (this.#giveUp(func, flow)) { /* until nothing more is given up */ }
  }

  /** How a vector of the function lives: it is read in one way only, and never as halves. */
  of(v: Value): LaneKind {
    const uses = this.#uses[v] as number;
    if (uses !== LaneKind.f32 && uses !== LaneKind.f64) return LaneKind.halves;
    return ((this.#possible[v] as number) & uses) as LaneKind;
  }
  /** How a vector that is stored is best written. */
  ofStored(func: Func, v: Value): LaneKind {
    if (((this.#uses[v] as number) & OTHER) !== 0) return LaneKind.halves;
    const made = makes[func.op(v)] as LaneKind;
    return made !== LaneKind.halves ? made : this.of(v);
  }

  #collect(func: Func, flow: ControlFlow): void {
    const entry = func.layout(0);
    for (let i = 0; i < flow.length; i++) {
      const block = flow.order(i);
      for (let v = func.first(block); v !== NONE; v = func.next(v)) {
        const op = func.op(v);
        if (func.type(v) === Type.v128) {
          const isAny = op === Op.v128_const || op === Op.v128_load ||
            (op === Op.param && block !== entry);
          this.#possible[v] = isAny ? ANY : makes[op] as number;
        }
        for (let k = 0, count = func.argCount(v); k < count; k++) {
          const arg = func.arg(v, k);
          if (func.type(arg) !== Type.v128) continue;
          this.#use(arg, isStore[op] === 1 && k === 1 ? 0 : (reads[op] as number) || OTHER);
        }
      }
    }
  }

  #use(v: Value, how: number): void {
    this.#uses[v] = (this.#uses[v] as number) | how;
  }

  /** Compares both ends of all edges; whether something is no longer possible. */
  #giveUp(func: Func, flow: ControlFlow): boolean {
    let changed = false;
    for (let i = 0; i < flow.length; i++) {
      const end = func.last(flow.order(i));
      for (let e = 0, edges = func.edgeCount(end); e < edges; e++) {
        if (this.#compareEnds(func, func.edge(end, e))) changed = true;
      }
    }
    return changed;
  }

  #compareEnds(func: Func, edge: Edge): boolean {
    let changed = false, param = func.first(func.edgeTarget(edge));
    for (let k = 0, n = func.edgeArgCount(edge); k < n; k++, param = func.next(param)) {
      if (func.type(param) !== Type.v128) continue;
      const arg = func.edgeArg(edge, k), before = this.#uses[arg] as number;
      // The argument is read as the parameter is; of one that nobody reads yet nothing is known.
      const wanted = (this.#uses[param] as number) === 0 ? 0 : this.of(param) || OTHER;
      this.#use(arg, wanted);
      const isOther = ((this.#uses[arg] as number) & OTHER) !== 0;
      const possible = isOther ? 0 : (this.#possible[param] as number) &
        (this.#possible[arg] as number);
      if (possible !== this.#possible[param] || before !== this.#uses[arg]) changed = true;
      this.#possible[param] = possible;
    }
    return changed;
  }
}
