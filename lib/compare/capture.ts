/**
 * A program's standard streams: input from bytes, outputs that are kept.
 *
 * @module
 */
import type { InputStream, OutputStream } from "../wasi/wasi.ts";

/** Gives bytes, then the end. */
export class BytesInput implements InputStream {
  #at = 0;

  /** A stream of these bytes, which must not change. */
  constructor(readonly bytes: Uint8Array) {}

  readSync(into: Uint8Array): number | null {
    const part = this.bytes.subarray(this.#at, this.#at + into.length);
    into.set(part);
    this.#at += part.length;
    return part.length === 0 && into.length > 0 ? null : part.length;
  }
}

/** Keeps what is written. */
export class BytesOutput implements OutputStream {
  readonly #parts: Uint8Array<ArrayBuffer>[] = [];

  writeSync(from: Uint8Array): number {
    // It is a part of the program's memory, which goes on changing.
    this.#parts.push(Uint8Array.from(from));
    return from.length;
  }

  /** Everything that was written. */
  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await new Blob(this.#parts).arrayBuffer());
  }
}
