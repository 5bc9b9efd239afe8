/**
 * Takes custom sections out of WebAssembly modules: nothing that runs needs them, and the debug
 * information of the text format's parser is six times as large as its code.
 *
 * @module
 */

const HEADER_BYTES = 8;
const CUSTOM_SECTION = 0;

/** The module without custom sections. */
export function dropCustomSections(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = new Uint8Array(bytes.length);
  kept.set(bytes.subarray(0, HEADER_BYTES));
  let length = HEADER_BYTES;
  for (let at = HEADER_BYTES; at < bytes.length;) {
    const start = at;
    const id = bytes[at++];
    // LEB128.
    let size = 0, shift = 0, byte: number;
    do {
      if (at >= bytes.length) throw new Error("Cannot read module: it is cut off");
      byte = bytes[at++] as number;
      size += (byte & 0x7f) * 2 ** shift;
      shift += 7;
    } while (byte >= 0x80);
    at += size;
    if (at > bytes.length) throw new Error("Cannot read module: it is cut off");
    if (id === CUSTOM_SECTION) continue;
    kept.set(bytes.subarray(start, at), length);
    length += at - start;
  }
  return kept.slice(0, length);
}
