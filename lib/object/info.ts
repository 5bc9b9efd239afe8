/**
 * The section `.trapline.info`: for whom the code is and by whom it was made, as lines of
 * `key=value`, each with a zero byte at its end, so that `readelf -p .trapline.info` shows them.
 *
 * @module
 */
import { trapKindNames } from "../base/trap_kind.ts";
import { sha256Hex } from "../base/sha256.ts";
import { VERSION } from "../base/version.ts";
import { featureNames } from "../codegen/features.ts";
import type { RuntimeIsa } from "../codegen/isa.ts";
import { builtinNames, builtinSignature } from "../translate/builtins.ts";
import type { Builtin } from "../translate/builtins.ts";
import * as vmctx from "../translate/vmctx.ts";
import { ByteWriter } from "./byte_writer.ts";
import { malformed } from "./elf_reader.ts";

/** Raised when a section's meaning changes. */
export const OBJECT_FORMAT = 2;

/** How an object was compiled. */
export interface ObjectInfo {
  /** Optimisation level. */
  readonly level: 0 | 1;
  /** Whether `.trapline.module` has the functions' bodies. */
  readonly hasBodies: boolean;
  /** SHA-256 of the wasm module. */
  readonly moduleHash: string;
}

/** The section's bytes. */
export async function writeInfo(isa: RuntimeIsa, info: ObjectInfo): Promise<Uint8Array> {
  const out = new ByteWriter();
  const lines: [string, string][] = [
    ["format", `${OBJECT_FORMAT}`],
    ["compiler", `trapline ${VERSION}`],
    ["triple", isa.triple],
    ["features", featureNames(isa.features, isa.featureBits).join(" ")],
    ["abi", await abiFingerprint()],
    ["optimize", `${info.level}`],
    ["bodies", info.hasBodies ? "kept" : "dropped"],
    ["module", `sha256 ${info.moduleHash}`],
  ];
  for (const [key, value] of lines) out.zeroTerminated(`${key}=${value}`);
  return out.finish();
}

/** The keys and values of the section. */
export function readInfo(bytes: Uint8Array): ReadonlyMap<string, string> {
  const lines = new TextDecoder().decode(bytes).split("\0").slice(0, -1);
  return new Map(lines.map((line) => {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
  }));
}

/**
 * Checks that code can run here: by this version, on this target.
 * @param isOwn this very compiler wrote it, so the ABI is its own
 * @throws CompileError when it cannot
 */
export async function checkInfo(
  info: ReadonlyMap<string, string>,
  isa: RuntimeIsa,
  { isOwn = false }: { readonly isOwn?: boolean },
): Promise<void> {
  const format = info.get("format"), compiler = info.get("compiler");
  if (format !== `${OBJECT_FORMAT}`) {
    throw malformed(`its format is ${quote(format)}, this is version ${OBJECT_FORMAT}`);
  }
  const isSame = compiler === `trapline ${VERSION}`;
  if (!isSame || (!isOwn && info.get("abi") !== await abiFingerprint())) {
    throw malformed(
      `it was made by ${quote(compiler)}, this is trapline ${VERSION}` +
        `${isSame ? " with another ABI" : ""}: compile it again`,
    );
  }
  const triple = info.get("triple");
  if (triple !== isa.triple) {
    throw malformed(`it is for ${quote(triple)}, not ${isa.triple}`);
  }
}

/**
 * The features that code was compiled with, in the numbering of `isa`.
 * @throws CompileError for one that `isa` does not know
 */
export function featuresOf(info: ReadonlyMap<string, string>, isa: RuntimeIsa): number {
  let bits = 0;
  for (const name of (info.get("features") ?? "").split(" ")) {
    if (name === "") continue;
    const mask = isa.features.find((feature) => feature.name === name)?.mask ?? 0;
    if (mask === 0) {
      throw malformed(`it needs the CPU feature ${quote(name)}, which is not known here`);
    }
    bits |= mask;
  }
  return bits;
}

/** A value of a file, which can hold anything, on one line. */
function quote(value: string | undefined): string {
  return value === undefined ? "unknown" : JSON.stringify(value);
}

let fingerprint: Promise<string> | undefined;
/**
 * Stands for all that code and runtime must agree on: the numbers of traps and builtins, the
 * signatures of builtins, and the layout of the vmctx.
 */
export function abiFingerprint(): Promise<string> {
  return fingerprint ??= fingerprintAbi();
}

async function fingerprintAbi(): Promise<string> {
  const layout = new vmctx.VMContextLayout({
    types: 1,
    importedFunctions: 1,
    importedGlobals: 1,
    memories: 1,
    tables: 1,
    definedGlobals: 1,
    escapingFunctions: 1,
  });
  const agreed = {
    traps: trapKindNames,
    builtins: builtinNames.map((name, n) => [name, builtinSignature(n as Builtin)]),
    records: Object.entries(vmctx).filter(([, value]) => typeof value !== "function"),
    layout: [
      layout.typeId(0),
      layout.importedFunction(0),
      layout.importedGlobal(0),
      layout.memory(0),
      layout.table(0),
      layout.definedGlobal(0),
      layout.funcRef(0),
      layout.size,
    ],
  };
  const bytes = new TextEncoder().encode(JSON.stringify(agreed));
  return (await sha256Hex(bytes)).slice(0, 16);
}
