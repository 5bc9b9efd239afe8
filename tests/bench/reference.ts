/**
 * `deno task bench:reference`: the counts of all modules of the corpus, on all targets, against the
 * committed ones. It takes minutes, because the slowest programs execute tens of billions of
 * instructions.
 *
 *     deno task bench:reference [--accept] [OPTIONS of bench…]
 */
import { targets } from "../../backends/targets.ts";
import { main } from "../../lib/cli/main.ts";
import { SHARED } from "../suites/shared.ts";
import { corpusModules, REFERENCE } from "./corpus.ts";

const write = (stream: { writeSync(bytes: Uint8Array): number }) => (text: string): void => {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
};
const out = write(Deno.stdout), err = write(Deno.stderr);
const modules = corpusModules();
if (modules.length === 0) {
  out(`skipped: there is no corpus in ${SHARED}\n`);
  Deno.exit(0);
}
const status = await main(
  ["bench", "--target", "all", "--reference", REFERENCE, ...Deno.args, ...modules],
  { targets, out, err, isTerminal: Deno.stderr.isTerminal() },
);
Deno.exit(status);
