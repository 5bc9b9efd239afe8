/**
 * Shortens long backtraces: frames that repeat, as in a recursion without end, are listed once with
 * how many more there are, and of very many frames the middle is left out.
 *
 * @module
 */
import type { Frame } from "./stack_frame.ts";

/** The most functions that take turns in a recursion that is recognised. */
const LONGEST_PERIOD = 16;
/** Frames that repeat are listed in full unless they do so more often than this. */
const FEW_REPEATS = 3;
/** Of more frames the middle is left out. */
const INNERMOST = 80, OUTERMOST = 20;

/**
 * Shortens a backtrace.
 * @param places one number per frame, equal for frames that look the same, innermost first
 * @param frameOf makes the frame at a position of `places`
 */
export function abbreviate(
  places: readonly number[],
  frameOf: (position: number) => Frame,
): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < places.length;) {
    const { period, length } = repetitionAt(places, at);
    if (length > period * FEW_REPEATS) {
      for (let n = 0; n < period; n++) frames.push(frameOf(at + n));
      // The last turn may be cut short, and what calls it is of interest.
      frames.push({ kind: "omitted", count: length - period, period });
      at += length;
    } else frames.push(frameOf(at++));
  }
  if (frames.length <= INNERMOST + OUTERMOST + 1) return frames;
  const omitted = frames.slice(INNERMOST, -OUTERMOST);
  const count = omitted.reduce((sum, f) => sum + (f.kind === "omitted" ? f.count : 1), 0);
  return [
    ...frames.slice(0, INNERMOST),
    { kind: "omitted", count, period: 0 },
    ...frames.slice(-OUTERMOST),
  ];
}

/** The repetition that goes on longest from a position: whole turns only. */
function repetitionAt(
  places: readonly number[],
  at: number,
): { readonly period: number; readonly length: number } {
  let best = { period: 1, length: 1 };
  for (let period = 1; period <= LONGEST_PERIOD; period++) {
    let end = at + period;
    while (end < places.length && places[end] === places[end - period]) end++;
    const length = Math.floor((end - at) / period) * period;
    if (length > best.length && length > period * FEW_REPEATS) best = { period, length };
  }
  return best;
}
