/**
 * Compares runs: a line for each difference, which says what both had.
 *
 * Where the stack ends is not determined: of two runs that exhaust it, nothing else is compared. Nor
 * are the bits of a NaN determined, which may show in memory; the line then says so.
 *
 * @module
 */
import { TrapKind } from "../base/trap_kind.ts";
import type { End, ObservedMemory, Outcome } from "./outcome.ts";
import type { WasmPlace } from "./subject.ts";

/** What differs between two runs of a program; empty when nothing does. */
export function differences(expected: Outcome, found: Outcome): string[] {
  const lines: string[] = [];
  const say = (what: string, a: string, b: string): void => {
    lines.push(`${what}: ${expected.subject} has ${a}, ${found.subject} has ${b}`);
  };
  if (!isSameEnd(expected.end, found.end)) {
    say("end", describeEnd(expected.end), describeEnd(found.end));
  } else if (isExhausted(expected.end)) return [];
  const place = differentPlace(expected.end, found.end);
  if (place !== undefined) say(place.what, place.expected, place.found);
  for (const stream of ["stdout", "stderr"] as const) {
    const a = expected[stream], b = found[stream], at = firstDifference(a, b);
    if (at >= 0) say(`${stream}, at byte ${at}`, excerpt(a, at), excerpt(b, at));
  }
  compareNamed(expected.memories, found.memories, (name, a, b) => {
    if (a.sha256 === b.sha256) return;
    say(...describeMemories(name, a, b));
  });
  compareNamed(expected.globals, found.globals, (name, { value: a }, { value: b }) => {
    if (a !== undefined && b !== undefined && a !== b) say(`global "${name}"`, a, b);
  });
  compareNamed(expected.directories, found.directories, (name, { entries: a }, { entries: b }) => {
    const n = a.findIndex((entry, n) => entry !== b[n]), at = n < 0 ? a.length : n;
    if (n < 0 && a.length === b.length) return;
    say(`directory "${name}"`, a[at] ?? "nothing more", b[at] ?? "nothing more");
  });
  return lines;
}

/** Of two lists that name the same things, or of which one is empty. */
function compareNamed<T extends { readonly name: string }>(
  expected: readonly T[],
  found: readonly T[],
  compare: (name: string, expected: T, found: T) => void,
): void {
  for (const item of expected) {
    const other = found.find(({ name }) => name === item.name);
    if (other !== undefined) compare(item.name, item, other);
  }
}

// ── How runs end ────────────────────────────────────────────────────────────────────────────────

/** An end in a few words. */
export function describeEnd(end: End): string {
  switch (end.kind) {
    case "exit":
      return `exit status ${end.status}`;
    case "results":
      return end.values.length === 0 ? "no results" : `results ${end.values.join(", ")}`;
    case "trap":
      return `trap "${end.trap.message}"${end.trap.places.slice(0, 1).map(inPlace).join("")}`;
    case "error":
      return `error "${end.message}"`;
  }
}

function isSameEnd(a: End, b: End): boolean {
  if (a.kind === "trap" && b.kind === "trap") {
    return a.trap.kinds.some((kind) => b.trap.kinds.includes(kind));
  }
  return a.kind === b.kind && describeEnd(a) === describeEnd(b);
}

function isExhausted(end: End): boolean {
  return end.kind === "trap" && end.trap.kinds.includes(TrapKind.callStackExhausted);
}

/** The first functions of two stacks that are not the same, as far as both are known. */
function differentPlace(
  a: End,
  b: End,
): { readonly what: string; readonly expected: string; readonly found: string } | undefined {
  if (a.kind !== "trap" || b.kind !== "trap" || isExhausted(a)) return undefined;
  const length = Math.min(a.trap.places.length, b.trap.places.length);
  for (let n = 0; n < length; n++) {
    const expected = describePlace(a.trap.places[n] as WasmPlace);
    const found = describePlace(b.trap.places[n] as WasmPlace);
    if (expected !== found) {
      return { what: n === 0 ? "place of the trap" : `caller ${n}`, expected, found };
    }
  }
  return undefined;
}

function inPlace(place: WasmPlace): string {
  return ` in ${describePlace(place)}`;
}

function describePlace({ functionIndex, wasmOffset }: WasmPlace): string {
  const at = wasmOffset === undefined ? "" : ` at 0x${wasmOffset.toString(16)}`;
  return `function ${functionIndex}${at}`;
}

// ── Bytes ───────────────────────────────────────────────────────────────────────────────────────

/** Where two byte strings begin to differ; -1 when they are the same. */
function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let n = 0; n < length; n++) if (a[n] !== b[n]) return n;
  return a.length === b.length ? -1 : length;
}

/** How much is shown of what is different. */
const EXCERPT_BYTES = 24;

function excerpt(bytes: Uint8Array, at: number): string {
  if (at >= bytes.length) return "its end";
  const text = new TextDecoder().decode(bytes.subarray(at, at + EXCERPT_BYTES));
  return JSON.stringify(text) + (at + EXCERPT_BYTES < bytes.length ? "…" : "");
}

function describeMemories(
  name: string,
  { bytes: a }: ObservedMemory,
  { bytes: b }: ObservedMemory,
): [what: string, expected: string, found: string] {
  const what = `memory "${name}"`;
  if (a.length !== b.length) return [what, `${a.length} bytes`, `${b.length} bytes`];
  const at = firstDifference(a, b), word = at & ~7;
  const digits = (bytes: Uint8Array): string => bytes.subarray(word, word + 8).toHex();
  const note = isNaNThere(a, at) && isNaNThere(b, at)
    ? " (NaNs, whose bits are not determined)"
    : "";
  return [`${what}, at 0x${word.toString(16)}`, digits(a), digits(b) + note];
}

/** Whether the f32 or the f64 around a byte is a NaN. */
function isNaNThere(bytes: Uint8Array, at: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Number.isNaN(view.getFloat32(at & ~3, true)) ||
    Number.isNaN(view.getFloat64(at & ~7, true));
}
