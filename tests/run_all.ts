/**
 * Runs the whole test suite and ends with a plain line that says how it went:
 * `N passed, N failed, N skipped`.
 */
// Programs that tests start keep code here, not in the user's cache.
const cache = await Deno.makeTempDir({ prefix: "trapline-cache-" });
const report = await Deno.makeTempFile({ suffix: ".xml" });
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", "--no-check", "--shuffle", `--junit-path=${report}`, ...Deno.args],
  env: { TRAPLINE_CACHE: cache },
  stdin: "null",
}).spawn().status;
const xml = await Deno.readTextFile(report);
await Deno.remove(report);
await Deno.remove(cache, { recursive: true });

const attribute = (name: string): number =>
  [...xml.matchAll(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`, "g"))]
    .reduce((sum, match) => sum + Number(match[1]), 0);
const skipped = attribute("disabled") + (xml.match(/<skipped/g)?.length ?? 0);
const failed = attribute("failures") + attribute("errors");
const passed = attribute("tests") - failed - skipped;
// deno-lint-ignore no-console -- the result of the run
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
Deno.exit(code === 0 && passed === 0 ? 1 : code);
