/**
 * Writes tar archives (POSIX ustar) that depend on nothing but the files in them.
 *
 * @module
 */

/** A file in an archive. */
export interface TarFile {
  /** At most 100 bytes. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly isExecutable: boolean;
}

const BLOCK = 512;

/**
 * The pieces of an archive: each file with its header and padding, then the end.
 * @param seconds time of modification of all files, since 1970
 */
export function* tarPieces(
  files: readonly TarFile[],
  seconds: number,
): Generator<Uint8Array<ArrayBuffer>> {
  for (const file of files) {
    const padded = Math.ceil(file.bytes.length / BLOCK) * BLOCK;
    const piece = new Uint8Array(BLOCK + padded);
    writeHeader(piece.subarray(0, BLOCK), file, seconds);
    piece.set(file.bytes, BLOCK);
    yield piece;
  }
  yield new Uint8Array(2 * BLOCK);
}

function writeHeader(
  header: Uint8Array,
  { path, bytes, isExecutable }: TarFile,
  seconds: number,
): void {
  const encoder = new TextEncoder();
  const put = (at: number, text: string): void => header.set(encoder.encode(text), at);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
  if (encoder.encode(path).length > 100) {
    throw new Error(`Cannot archive "${path}": its name is too long`);
  }
  put(0, path);
  put(100, octal(isExecutable ? 0o755 : 0o644, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(bytes.length, 11));
  put(136, octal(seconds, 11));
  put(148, " ".repeat(8));
  put(156, "0");
  put(257, "ustar\0" + "00");
  put(148, octal(header.reduce((sum, byte) => sum + byte, 0), 6) + "\0 ");
}
