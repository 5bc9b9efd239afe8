/**
 * The texts of IR and of machine code as lines and blocks: what the page shows and draws. Both
 * printers begin a block with `b1`, name its successors on its last line, and write a wasm offset
 * (`; @0042`) where it changes.
 *
 * @module
 */

/** A line of a stage. */
export interface StageLine {
  readonly text: string;
  /** Byte offset in the module, undefined where it comes from no wasm instruction. */
  readonly location: number | undefined;
  /** Position in `blocks` of the block that it is part of, -1 for none. */
  readonly block: number;
}

/** A basic block. */
export interface StageBlock {
  /** `b1`. */
  readonly name: string;
  /** Positions in `lines`. */
  readonly first: number;
  readonly last: number;
  /** Positions in `blocks`, each once, in order. */
  readonly successors: readonly number[];
}

/** A stage of a function. */
export interface Stage {
  readonly lines: readonly StageLine[];
  readonly blocks: readonly StageBlock[];
}

/** Reads the text of a stage. */
export function readStage(text: string): Stage {
  const lines: StageLine[] = [];
  const heads: { name: string; first: number }[] = [];
  let location: number | undefined;
  for (const raw of text.trimEnd().split("\n")) {
    const head = raw.match(/^(b\d+)\b.*:/);
    if (head !== null) heads.push({ name: head[1] as string, first: lines.length });
    const place = raw.match(/ +; @([0-9a-f]+)$/);
    if (place !== null) location = parseInt(place[1] as string, 16);
    const isCode = /^ /.test(raw);
    lines.push({
      text: place === null ? raw : raw.slice(0, place.index),
      location: isCode && location !== 0 ? location : undefined,
      block: isCode || head !== null ? heads.length - 1 : -1,
    });
  }
  const numbers = new Map(heads.map(({ name }, n) => [name, n]));
  const blocks = heads.map(({ name, first }, n): StageBlock => {
    let last = (heads[n + 1]?.first ?? lines.length) - 1;
    while (last > first && lines[last]?.block !== n) last--;
    const successors = new Set<number>();
    // Nothing but an edge names a block.
    for (const [target] of (lines[last]?.text ?? "").matchAll(/\bb\d+\b/g)) {
      const to = numbers.get(target);
      if (to !== undefined && last > first) successors.add(to);
    }
    return { name, first, last, successors: [...successors] };
  });
  return { lines, blocks };
}
