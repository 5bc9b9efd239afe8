/**
 * `deno task test:spec`: the whole spec suite on every target, with a line of counts for each.
 *
 *     deno run -A tests/suites/spec.ts [--target NAME]
 */
import { targets } from "../../backends/targets.ts";
import { main } from "../../lib/cli/main.ts";
import { sharedFiles } from "./shared.ts";

const at = Deno.args.indexOf("--target");
const target = at >= 0 ? Deno.args[at + 1] : undefined;
const files = sharedFiles("spec", ".wast");
// deno-lint-ignore no-console -- the suite's report
const say = (text: string): void => console.log(text.trimEnd());
if (files.length === 0) say("the spec suite is not beside the project");
let worst = files.length === 0 ? 1 : 0;
for (const { name, triple } of targets) {
  if (target !== undefined && target !== name && target !== triple) continue;
  const environment = { targets, out: say, err: say, isTerminal: false };
  say(`${name}:`);
  worst = Math.max(worst, await main(["wast", "--target", name, ...files], environment));
}
Deno.exit(worst);
