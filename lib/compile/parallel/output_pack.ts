/**
 * Compile outputs as two buffers, which move between threads without being copied or cloned object by
 * object.
 *
 * @module
 */
import { type CompileKey, type CompileKind, symbolOf } from "../compile_key.ts";
import type { CompiledFunction, Relocation, RelocationTarget } from "../compiled_function.ts";
import { builtinNames } from "../../translate/builtins.ts";

/** Any number of outputs. */
export interface OutputPack {
  /**
   * Per output {@linkcode HEAD_CELLS} numbers (see `packHead`), then its relocations (four numbers
   * each), traps and address map.
   */
  readonly cells: Int32Array<ArrayBuffer>;
  /** The code of all outputs, one behind the other. */
  readonly code: Uint8Array<ArrayBuffer>;
}

/** Numbers of an output before its relocations. */
const HEAD_CELLS = 14;
const RELOCATION_CELLS = 4;

/** Puts outputs into buffers. */
export function packOutputs(outputs: readonly CompiledFunction[]): OutputPack {
  let cellCount = 0, byteCount = 0;
  for (const { code, relocations, traps, addressMap } of outputs) {
    cellCount += HEAD_CELLS + RELOCATION_CELLS * relocations.length + traps.length +
      addressMap.length;
    byteCount += code.length;
  }
  const cells = new Int32Array(cellCount), code = new Uint8Array(byteCount);
  let cell = 0, byte = 0;
  for (const output of outputs) {
    cell = packHead(cells, cell, output);
    for (const { offset, kind, target, addend } of output.relocations) {
      cells[cell++] = offset;
      cells[cell++] = kind;
      cells[cell++] = target;
      cells[cell++] = addend;
    }
    cells.set(output.traps, cell);
    cell += output.traps.length;
    cells.set(output.addressMap, cell);
    cell += output.addressMap.length;
    code.set(output.code, byte);
    byte += output.code.length;
  }
  return { cells, code };
}

function packHead(cells: Int32Array, at: number, output: CompiledFunction): number {
  const { key, code, relocations, traps, addressMap, frame, counts } = output;
  cells[at++] = key.kind;
  cells[at++] = key.index;
  cells[at++] = code.length;
  cells[at++] = output.instructionBytes;
  cells[at++] = output.alignment;
  cells[at++] = relocations.length;
  cells[at++] = traps.length;
  cells[at++] = addressMap.length;
  cells[at++] = frame.hasFramePointer ? 1 : 0;
  cells[at++] = frame.bytes;
  cells[at++] = frame.start;
  cells[at++] = counts.spills;
  cells[at++] = counts.reloads;
  cells[at++] = counts.moves;
  return at;
}

/** Takes outputs out of buffers, which they go on using. */
export function unpackOutputs({ cells, code }: OutputPack): CompiledFunction[] {
  const outputs: CompiledFunction[] = [];
  let cell = 0, byte = 0;
  const next = (): number => cells[cell++] as number;
  const nextCells = (count: number): Int32Array => cells.subarray(cell, cell += count);
  while (cell < cells.length) {
    const key: CompileKey = { kind: next() as CompileKind, index: next() };
    const codeBytes = next(), instructionBytes = next(), alignment = next();
    const relocationCount = next(), trapCells = next(), mapCells = next();
    const frame = { hasFramePointer: next() === 1, bytes: next(), start: next() };
    const counts = { spills: next(), reloads: next(), moves: next() };
    const relocations: Relocation[] = [];
    for (let n = 0; n < relocationCount; n++) {
      relocations.push({
        offset: next(),
        kind: next(),
        target: next() as RelocationTarget,
        addend: next(),
      });
    }
    outputs.push({
      key,
      symbol: symbolOf(key, builtinNames[key.index]),
      code: code.subarray(byte, byte += codeBytes),
      instructionBytes,
      alignment,
      relocations,
      traps: nextCells(trapCells),
      addressMap: nextCells(mapCells),
      frame,
      counts,
    });
  }
  return outputs;
}
