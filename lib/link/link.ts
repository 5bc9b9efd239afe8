/**
 * Links compile outputs into a code object.
 *
 * @module
 */
import { assert } from "../base/errors.ts";
import type { TextRelocation } from "../codegen/text_section.ts";
import type { UnlinkedCompileOutputs } from "../compile/compile_inputs.ts";
import { type CompileKey, CompileKind } from "../compile/compile_key.ts";
import {
  isBuiltinTarget,
  type RelocationTarget,
  targetIndex,
} from "../compile/compiled_function.ts";
import type { Compiler } from "../compile/compiler.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import {
  CodeObject,
  type CodeSymbol,
  type CompiledFunctionInfo,
  type FunctionLocation,
} from "./code_object.ts";
import { OffsetTableBuilder } from "./trap_table.ts";

/**
 * Places the outputs into one text, in the order of their keys, resolves their relocations and
 * builds the tables.
 * @throws InternalError for a relocation to something that is not among the outputs
 */
export function linkAndFinish(
  unlinked: UnlinkedCompileOutputs,
  compiler: Compiler,
  translation: ModuleTranslation,
): CodeObject {
  const outputs = unlinked.all;
  const text = compiler.textSectionBuilder();
  const traps = new OffsetTableBuilder("trap");
  const addresses = new OffsetTableBuilder("source location");
  const symbols: CodeSymbol[] = [];
  const positions = new Map<string, number>();
  outputs.forEach((output, n) => positions.set(nameOf(output.key), n));

  for (const output of outputs) {
    const relocations = output.relocations.map((relocation): TextRelocation => {
      const target = positions.get(nameOf(keyOf(relocation.target)));
      assert(
        target !== undefined,
        () => `${output.symbol} calls ${nameOf(keyOf(relocation.target))}, which was not compiled`,
      );
      return { ...relocation, target };
    });
    const start = text.append(output.code, output.alignment, relocations);
    traps.append(start, output.traps);
    addresses.append(start, output.addressMap);
    symbols.push({
      name: output.symbol,
      key: output.key,
      location: { start, length: output.code.length },
      instructionBytes: output.instructionBytes,
      frame: output.frame,
      counts: output.counts,
      relocations: output.relocations,
    });
  }

  const locationOf = (kind: CompileKind, index: number): FunctionLocation | undefined => {
    const position = positions.get(nameOf({ kind, index }));
    return position === undefined ? undefined : (symbols[position] as CodeSymbol).location;
  };
  const functions = translation.functionBodies.map((body): CompiledFunctionInfo => {
    const wasmFuncLoc = locationOf(CompileKind.wasmFunction, body.index);
    assert(wasmFuncLoc !== undefined, () => `function ${body.index} was not compiled`);
    const arrayToWasmTrampoline = locationOf(CompileKind.arrayToWasmTrampoline, body.index);
    return {
      wasmFuncLoc,
      ...(arrayToWasmTrampoline && { arrayToWasmTrampoline }),
      startWasmOffset: body.start,
    };
  });
  const wasmToArrayTrampolines = new Map<number, FunctionLocation>();
  for (const { key, location } of symbols) {
    if (key.kind === CompileKind.wasmToArrayTrampoline) {
      wasmToArrayTrampolines.set(key.index, location);
    }
  }
  return new CodeObject({
    target: compiler.target,
    triple: compiler.triple,
    featureBits: compiler.featureBits,
    text: text.finish(),
    symbols,
    functions,
    wasmToArrayTrampolines,
    trapOffsets: traps.offsets(),
    traps: Uint8Array.from(traps.values()),
    addressOffsets: addresses.offsets(),
    addressLocations: Uint32Array.from(addresses.values()),
  });
}

function nameOf(key: CompileKey): string {
  return `${key.kind}:${key.index}`;
}

function keyOf(target: RelocationTarget): CompileKey {
  return {
    kind: isBuiltinTarget(target) ? CompileKind.wasmToBuiltinTrampoline : CompileKind.wasmFunction,
    index: targetIndex(target),
  };
}
