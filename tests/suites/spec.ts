/**
 * `deno task test:spec`: the whole spec suite on every target, with a line of counts for each.
 *
 *     deno run -A tests/suites/spec.ts [--target NAMES]
 */
import { targets } from "../../backends/targets.ts";
import { main } from "../../lib/cli/main.ts";
import { sharedFiles } from "./shared.ts";

const at = Deno.args.indexOf("--target");
const names = at >= 0 ? Deno.args[at + 1] ?? "" : "all";
const files = sharedFiles("spec", ".wast");
// deno-lint-ignore no-console -- the suite's report
const say = (text: string): void => console.log(text.trimEnd());
if (files.length === 0) {
  say("the spec suite is not beside the project");
  Deno.exit(1);
}
const environment = { targets, out: say, err: say, isTerminal: false };
Deno.exit(await main(["wast", "--target", names, ...files], environment));
