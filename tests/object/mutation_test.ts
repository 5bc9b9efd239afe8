/**
 * More than ten thousand damaged objects, of every target, with the wasm code and without. Half of
 * them get a new hash, so that it is the checks behind it that must hold: a file is refused with one
 * message, or loaded and run, and nothing else happens.
 */
import { ok, strictEqual } from "node:assert";
import { createHash } from "node:crypto";
import { backends } from "../../backends/mod.ts";
import { CompileError, InternalError } from "../../lib/base/errors.ts";
import type { Backend } from "../../lib/runtime/backend.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { Func } from "../../lib/runtime/externals.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import { LinkError, Trap } from "../../lib/runtime/trap.ts";
import { ValueType } from "../../lib/wasm/types.ts";
import { createStore } from "../support/store.ts";
import { compileText, everything, findSection } from "./samples.ts";

/** Per target, and with and without bodies. */
const COUNT = 2_000;

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

interface Range {
  readonly offset: number;
  readonly size: number;
}

/** A damaged copy: bits, bytes, fields, ranges; now and then a part is missing or there twice. */
function mutate(
  original: Uint8Array<ArrayBuffer>,
  ranges: readonly Range[],
  pick: (below: number) => number,
): Uint8Array<ArrayBuffer> {
  let file = original.slice();
  for (let edits = 1 + pick(3); edits > 0; edits--) {
    const range = ranges[pick(ranges.length)] as Range;
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

/** What the loader does not promise to find: other code, and functions in other places of it. */
function entersTheSameCode(module: Module, original: Module): boolean {
  const places = ({ code }: Module): string =>
    JSON.stringify(code.symbols.map(({ key, location }) => [key, location]));
  const { text } = original.code;
  return module.code.text.every((byte, n) => byte === text[n]) &&
    places(module) === places(original);
}

/** Instantiates and calls everything; wrong tables may make it fail in the ways that are known. */
async function run(module: Module, backend: Backend): Promise<void> {
  const store = await createStore(module.engine, backend);
  const linker = new Linker(store);
  const type = { kind: "function", params: [ValueType.i32], results: [] } as const;
  linker.define("host", "print", store.hostFunction(type, () => {}));
  try {
    const instance = linker.instantiate(module, "default");
    for (const func of instance.exports.values()) {
      if (!(func instanceof Func)) continue;
      const { params } = func.type;
      try {
        func.call(...params.map((p) => p === ValueType.i64 ? 7n : p <= ValueType.i64 ? 7 : null));
      } catch (error) {
        // A wrong trap table makes a fault one that nobody can explain; a wrong type, a wrong value.
        const isKnown = error instanceof Trap || error instanceof InternalError ||
          error instanceof TypeError;
        if (!isKnown) throw error;
      }
    }
  } catch (error) {
    const isKnown = error instanceof Trap || error instanceof LinkError ||
      error instanceof InternalError;
    if (!isKnown) throw error;
  } finally {
    store.close();
  }
}

interface Counts {
  refused: number;
  loaded: number;
  executed: number;
}

async function mutateMany(backend: Backend, dropsBodies: boolean): Promise<Counts> {
  const module = await compileText(backend, everything);
  const original = await module.serialize({ dropsBodies });
  const hashAt = findSection(original, ".note.gnu.build-id").offset + 16;
  const table = Number(new DataView(original.buffer).getBigUint64(40, true));
  const ours = ["info", "functions", "traps", "addrmap", "module"]
    .map((name) => findSection(original, `.trapline.${name}`));
  const headers = [{ offset: 0, size: 64 }, { offset: table, size: original.length - table }];
  const whole = [{ offset: 0, size: original.length }];
  const pick = random(5);
  const counts = { refused: 0, loaded: 0, executed: 0 };
  for (let n = 0; n < COUNT; n++) {
    const ranges = n % 8 === 0 ? whole : n % 4 === 1 ? headers : ours;
    const file = mutate(original, ranges, pick);
    const isSigned = (n >> 2) % 2 === 0;
    if (isSigned) sign(file, hashAt);
    let loaded: Module;
    try {
      loaded = await Module.deserialize(new Engine(backend), file);
    } catch (error) {
      ok(error instanceof CompileError, `mutation ${n}: ${(error as Error).stack}`);
      ok(error.message.startsWith("Cannot load compiled object: "), error.message);
      ok(!error.message.includes("\n"), error.message);
      counts.refused++;
      continue;
    }
    const isSame = file.length === original.length && file.every((b, k) => b === original[k]);
    ok(isSigned || isSame, `mutation ${n} was not noticed`);
    // What was loaded is safe to ask.
    const { code } = loaded;
    for (let at = 0; at < code.text.length; at += 7) {
      code.symbolAt(at);
      code.lookupTrap(at);
      code.lookupLocation(at);
    }
    counts.loaded++;
    if (!entersTheSameCode(loaded, module)) continue;
    await run(loaded, backend);
    counts.executed++;
  }
  return counts;
}

for (const backend of backends) {
  Deno.test(`${backend.isa.name}: ${2 * COUNT} damaged objects are refused, or run`, async () => {
    for (const dropsBodies of [false, true]) {
      const { refused, loaded, executed } = await mutateMany(backend, dropsBodies);
      strictEqual(refused + loaded, COUNT);
      // Else the checks behind the hash are not reached, or nothing wrong is ever executed.
      ok(loaded > COUNT / 50, `only ${loaded} signed mutations were loaded`);
      ok(executed > COUNT / 100, `only ${executed} were executed`);
    }
  });
}
