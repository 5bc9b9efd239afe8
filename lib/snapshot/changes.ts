/**
 * What changed between two goldens, function by function, in classes that say how closely a person
 * has to look.
 *
 * @module
 */
import {
  type GoldenCounts,
  goldenCounts,
  type GoldenSymbol,
  goldenSymbols,
} from "./golden_text.ts";
import { registerPattern } from "./instruction_text.ts";

/** How a function changed, from the least to the most that a reviewer must look at. */
export const changeClasses = [
  "identical",
  "offsets moved",
  "registers renamed",
  "instructions changed",
  "traps or relocations changed",
  "removed",
  "added",
] as const;
/** One of {@linkcode changeClasses}. */
export type ChangeClass = typeof changeClasses[number];

/** How one function or trampoline changed. */
export interface SymbolChange {
  readonly change: ChangeClass;
  readonly before: GoldenSymbol | undefined;
  readonly after: GoldenSymbol | undefined;
}

/** How one golden changed. */
export interface GoldenChange {
  /** The case's name. */
  readonly name: string;
  readonly target: string;
  /** Undefined where there is no golden. */
  readonly before: GoldenCounts | undefined;
  readonly after: GoldenCounts | undefined;
  /** Per symbol, those of the new golden first. */
  readonly symbols: readonly SymbolChange[];
  /** Whether the texts differ at all: also by a run line or a header. */
  readonly isDifferent: boolean;
}

/** Compares two goldens of a case; undefined for one that is not there. */
export function compareGoldens(
  { name, target }: { readonly name: string; readonly target: string },
  before: string | undefined,
  after: string | undefined,
): GoldenChange {
  const old = new Map(before === undefined ? [] : goldenSymbols(before).map((s) => [s.key, s]));
  const symbols: SymbolChange[] = [];
  for (const symbol of after === undefined ? [] : goldenSymbols(after)) {
    const previous = old.get(symbol.key);
    old.delete(symbol.key);
    symbols.push({ change: classify(previous, symbol), before: previous, after: symbol });
  }
  for (const symbol of old.values()) {
    symbols.push({ change: "removed", before: symbol, after: undefined });
  }
  return {
    name,
    target,
    before: before === undefined ? undefined : goldenCounts(before),
    after: after === undefined ? undefined : goldenCounts(after),
    symbols,
    isDifferent: before !== after,
  };
}

/** How a symbol changed. */
export function classify(before: GoldenSymbol | undefined, after: GoldenSymbol): ChangeClass {
  if (before === undefined) return "added";
  if (before.text === after.text) return "identical";
  if (before.digest !== after.digest) return "instructions changed";
  const effects = ({ lines }: GoldenSymbol): string =>
    lines.filter(({ trap, isRelocated }) => trap !== "" || isRelocated)
      .map(({ text, trap, isRelocated }) => `${trap}|${isRelocated ? text : ""}`).join("\n");
  if (effects(before) !== effects(after)) return "traps or relocations changed";
  const texts = ({ lines }: GoldenSymbol, of: (text: string) => string): string =>
    lines.map(({ text, isData }) => isData ? text : of(text)).join("\n");
  const same = (text: string): string => text;
  if (texts(before, same) === texts(after, same)) return "offsets moved";
  if (texts(before, withoutRegisters) === texts(after, withoutRegisters)) {
    return "registers renamed";
  }
  return "instructions changed";
}

/** The change of a golden that a reviewer must look at most. */
export function worstChange({ symbols }: GoldenChange): ChangeClass {
  let worst = 0;
  for (const { change } of symbols) worst = Math.max(worst, changeClasses.indexOf(change));
  return changeClasses[worst] as ChangeClass;
}

/** Whether a change is more than churn. */
export function isSubstantial(change: ChangeClass): boolean {
  return changeClasses.indexOf(change) >= changeClasses.indexOf("instructions changed");
}

function withoutRegisters(text: string): string {
  const space = text.indexOf(" ");
  if (space < 0) return text;
  return text.slice(0, space) + text.slice(space).replace(registerPattern, "%");
}
