#!/usr/bin/env -S deno run -A
/**
 * The command line: arguments in, text out.
 *
 * @module
 */
import { backends } from "./backends/mod.ts";
import { main } from "./lib/cli/main.ts";

if (import.meta.main) {
  const encoder = new TextEncoder();
  const writeAll = (stream: { writeSync(bytes: Uint8Array): number }, text: string): void => {
    let bytes = encoder.encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  };
  Deno.exitCode = await main(Deno.args, {
    backends,
    out: (text) => writeAll(Deno.stdout, text),
    err: (text) => writeAll(Deno.stderr, text),
    isTerminal: Deno.stderr.isTerminal(),
  });
  // A program that ran may have left handles open; its exit status is known.
  Deno.exit();
}
