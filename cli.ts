#!/usr/bin/env -S deno run -A
/**
 * The command line: arguments in, text out.
 *
 * @module
 */
import { targets } from "./backends/targets.ts";
import { main } from "./lib/cli/main.ts";
import { standaloneFile } from "./lib/host/standalone.ts";

if (import.meta.main) {
  const encoder = new TextEncoder();
  const writeBytes = (stream: { writeSync(bytes: Uint8Array): number }, all: Uint8Array): void => {
    for (let bytes = all; bytes.length > 0;) bytes = bytes.subarray(stream.writeSync(bytes));
  };
  const writeAll = (stream: { writeSync(bytes: Uint8Array): number }, text: string): void =>
    writeBytes(stream, encoder.encode(text));
  const readKey = async (): Promise<string> => {
    const buffer = new Uint8Array(16);
    Deno.stdin.setRaw(true);
    try {
      const length = await Deno.stdin.read(buffer);
      return new TextDecoder().decode(buffer.subarray(0, length ?? 0));
    } finally {
      Deno.stdin.setRaw(false);
    }
  };
  const file = standaloneFile();
  // A program that ran may have left handles open; its exit status is known.
  Deno.exit(
    await main(Deno.args, {
      targets,
      command: file === undefined ? [Deno.execPath(), "run", "-A", import.meta.url] : [file],
      compileWorker: new URL("./backends/compile_worker.ts", import.meta.url),
      out: (text) => writeAll(Deno.stdout, text),
      err: (text) => writeAll(Deno.stderr, text),
      outBytes: (bytes) => writeBytes(Deno.stdout, bytes),
      readInput: async () => new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer()),
      isTerminal: Deno.stderr.isTerminal(),
      ...(Deno.stdin.isTerminal() && { readKey }),
    }),
  );
}
