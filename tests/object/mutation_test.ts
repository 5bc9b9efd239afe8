/**
 * Ten thousand damaged objects, with the wasm code and without. Half of them get a new hash, so that it is the checks behind it that
 * must hold: a file is loaded or refused with a `CompileError`, and nothing else happens.
 */
import { ok, strictEqual } from "node:assert";
import { createHash } from "node:crypto";
import { backends } from "../../backends/mod.ts";
import { CompileError } from "../../lib/base/errors.ts";
import type { Backend } from "../../lib/runtime/backend.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { Module } from "../../lib/runtime/module.ts";
import { compileText, everything, findSection } from "./samples.ts";

const COUNT = 5_000;

/** Mulberry32: every run tries the same. */
function random(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor(((t ^ (t >>> 14)) >>> 0) / 2 ** 32 * below);
  };
}

/** States the hash of a file in it, as the writer does. */
function sign(file: Uint8Array, hashAt: number): void {
  if (hashAt + 32 > file.length) return;
  file.fill(0, hashAt, hashAt + 32);
  file.set(createHash("sha256").update(file).digest(), hashAt);
}

const interesting = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** A damaged copy: bits, bytes, fields, ranges; now and then a part is missing or there twice. */
function mutate(
  original: Uint8Array,
  ranges: readonly { offset: number; size: number }[],
  pick: (below: number) => number,
): Uint8Array {
  let file = original.slice();
  for (let edits = 1 + pick(3); edits > 0; edits--) {
    const range = ranges[pick(ranges.length)] as { offset: number; size: number };
    const at = Math.min(range.offset + pick(range.size), file.length - 1);
    switch (pick(7)) {
      case 0:
        file[at] = (file[at] as number) ^ 1 << pick(8);
        break;
      case 1:
        file[at] = pick(256);
        break;
      case 2:
        new DataView(file.buffer).setUint32(
          Math.max(0, Math.min(at & -4, file.length - 4)),
          interesting[pick(interesting.length)] as number,
          true,
        );
        break;
      case 3: // a long LEB128
        file.fill(0xff, at, at + 1 + pick(5));
        break;
      case 4:
        file.copyWithin(at, range.offset + pick(range.size), range.offset + range.size);
        break;
      case 5:
        file.fill(0, at, at + pick(16));
        break;
      default:
        if (pick(8) === 0) file = file.slice(0, at + 1);
    }
  }
  return file;
}

async function mutateMany(backend: Backend, dropsBodies: boolean): Promise<void> {
  const original = await (await compileText(backend, everything)).serialize({ dropsBodies });
  const hashAt = findSection(original, ".note.gnu.build-id").offset + 16;
  const table = Number(new DataView(original.buffer).getBigUint64(40, true));
  const ours = ["info", "functions", "traps", "addrmap", "module"]
    .map((name) => findSection(original, `.trapline.${name}`));
  const headers = [{ offset: 0, size: 64 }, { offset: table, size: original.length - table }];
  const whole = [{ offset: 0, size: original.length }];
  const pick = random(5);
  let refused = 0, loaded = 0;
  for (let n = 0; n < COUNT; n++) {
    const ranges = n % 8 === 0 ? whole : n % 4 === 1 ? headers : ours;
    const file = mutate(original, ranges, pick);
    const isSigned = (n >> 2) % 2 === 0;
    if (isSigned) sign(file, hashAt);
    try {
      const { code } = await Module.deserialize(new Engine(backend), file);
      const isSame = file.length === original.length && file.every((b, k) => b === original[k]);
      ok(isSigned || isSame, `mutation ${n} was not noticed`);
      // What was loaded is safe to ask.
      for (let at = 0; at < code.text.length; at += 7) {
        code.symbolAt(at);
        code.lookupTrap(at);
        code.lookupLocation(at);
      }
      loaded++;
    } catch (error) {
      ok(error instanceof CompileError, `mutation ${n}: ${(error as Error).stack}`);
      ok(error.message.startsWith("Cannot load compiled object: "), error.message);
      ok(!error.message.includes("\n"), error.message);
      refused++;
    }
  }
  strictEqual(refused + loaded, COUNT);
  ok(
    loaded > 100,
    `only ${loaded} signed mutations were loaded: the checks behind are not reached`,
  );
}

for (const backend of backends.slice(0, 1)) {
  Deno.test(`${backend.isa.name}: ${2 * COUNT} damaged objects are refused or harmless`, async () => {
    await mutateMany(backend, false);
    await mutateMany(backend, true);
  });
}
