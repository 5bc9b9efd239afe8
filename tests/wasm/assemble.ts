/** Puts binary modules together from bytes, for tests of what the text format cannot say. */

/** An unsigned LEB128. */
export function leb(value: number): number[] {
  return value < 0x80 ? [value] : [value & 0x7f | 0x80, ...leb(value >>> 7)];
}

/** A section that is a vector of entries. */
export function section(id: number, entries: readonly (readonly number[])[]): number[] {
  return rawSection(id, [...leb(entries.length), ...entries.flat()]);
}

/** A section of these bytes. */
export function rawSection(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

/** A custom section. */
export function customSection(name: string, content: readonly number[]): number[] {
  return rawSection(0, [...string(name), ...content]);
}

/** A name. */
export function string(text: string): number[] {
  const utf8 = new TextEncoder().encode(text);
  return [...leb(utf8.length), ...utf8];
}

/** A module of these sections. */
export function wasm(...sections: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]);
}
