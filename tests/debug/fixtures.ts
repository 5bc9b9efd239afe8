/** Modules with debug information, and their sections. */
import { translateModule } from "../../lib/translate/module.ts";

/** The DWARF sections of a module, and the length of its code section. */
export interface DebugFixture {
  readonly path: string;
  readonly sections: ReadonlyMap<string, Uint8Array>;
  readonly codeBytes: number;
}

/** Reads `fixtures/inlined_dwarf<version>.wasm`. */
export async function inlinedFixture(version: number): Promise<DebugFixture> {
  const url = new URL(`fixtures/inlined_dwarf${version}.wasm`, import.meta.url);
  return fixture(await Deno.readFile(url), url.pathname);
}

/** The debug information of a module. */
export function fixture(bytes: Uint8Array, path: string): DebugFixture {
  const { debugSections, codeSection } = translateModule(bytes);
  const sections = new Map<string, Uint8Array>();
  for (const [name, { start, end }] of debugSections) {
    sections.set(name, bytes.subarray(start, end));
  }
  return { path, sections, codeBytes: codeSection.end - codeSection.start };
}
