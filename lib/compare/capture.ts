/**
 * A program's standard streams: input from bytes, outputs that are kept.
 *
 * @module
 */
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import type { WasiOptions } from "../wasi/wasi.ts";

/** The streams of one run. */
export class CapturedStreams {
  readonly #stdin: number;
  readonly #stdout: number;
  readonly #stderr: number;

  /**
   * @param folder where files may be made
   * @param input what standard input gives
   */
  constructor(readonly folder: string, input: Uint8Array) {
    writeFileSync(`${folder}/stdin`, input);
    this.#stdin = openSync(`${folder}/stdin`, "r");
    this.#stdout = openSync(`${folder}/stdout`, "w");
    this.#stderr = openSync(`${folder}/stderr`, "w");
  }

  /** As options of WASI. */
  get options(): Pick<WasiOptions, "stdin" | "stdout" | "stderr"> {
    return { stdin: this.#stdin, stdout: this.#stdout, stderr: this.#stderr };
  }

  /** Ends the streams and gives what was written. */
  close(): { readonly stdout: Uint8Array; readonly stderr: Uint8Array } {
    for (const descriptor of [this.#stdin, this.#stdout, this.#stderr]) closeSync(descriptor);
    return {
      stdout: readFileSync(`${this.folder}/stdout`),
      stderr: readFileSync(`${this.folder}/stderr`),
    };
  }
}
