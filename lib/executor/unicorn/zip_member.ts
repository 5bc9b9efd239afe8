/**
 * Reads one member of a zip archive, which is what a Python wheel is: enough of the format to take a
 * library out (stored or deflated members, no encryption, no zip64).
 *
 * @module
 */
import { inflateRawSync } from "node:zlib";

const END_RECORD = 0x06054b50;
const END_RECORD_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_ENTRY_BYTES = 46;
const LOCAL_HEADER_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;

/**
 * The contents of the member called `name`.
 * @throws Error when there is none, or the archive is damaged
 */
export function readZipMember(archive: Uint8Array, name: string): Uint8Array {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = findEndRecord(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  for (let n = 0; n < count && at + DIRECTORY_ENTRY_BYTES <= archive.length; n++) {
    if (view.getUint32(at, true) !== DIRECTORY_ENTRY) break;
    const method = view.getUint16(at + 10, true);
    const packedLength = view.getUint32(at + 20, true);
    const length = view.getUint32(at + 24, true);
    const nameStart = at + DIRECTORY_ENTRY_BYTES;
    const nameEnd = nameStart + view.getUint16(at + 28, true);
    const header = view.getUint32(at + 42, true);
    if (new TextDecoder().decode(archive.subarray(nameStart, nameEnd)) === name) {
      const variable = view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
      const start = header + LOCAL_HEADER_BYTES + variable;
      return unpack(archive.subarray(start, start + packedLength), method, { name, length });
    }
    at = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  throw new Error(`Cannot read archive: it has no member "${name}"`);
}

function findEndRecord(view: DataView): number {
  const last = view.byteLength - END_RECORD_BYTES;
  for (let at = last; at >= 0 && at >= last - LONGEST_COMMENT; at--) {
    if (view.getUint32(at, true) === END_RECORD) return at;
  }
  throw new Error("Cannot read archive: it is not a zip file");
}

function unpack(
  packed: Uint8Array,
  method: number,
  member: { name: string; length: number },
): Uint8Array {
  if (method !== STORED && method !== DEFLATED) {
    throw new Error(`Cannot read archive: "${member.name}" is packed with method ${method}`);
  }
  const bytes = method === STORED ? packed : inflateRawSync(packed);
  if (bytes.length !== member.length) {
    throw new Error(`Cannot read archive: "${member.name}" is cut off`);
  }
  return bytes;
}
