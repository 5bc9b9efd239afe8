/**
 * Runs the whole test suite, or what the arguments name, and ends with a plain line that says how it
 * went: `N passed, N failed, N skipped`.
 *
 * The folders of tests are run by a process each, two at a time: a test may count on its process, its
 * environment and its memory being its own.
 */
import { fileURLToPath } from "node:url";

const PROCESSES = 2;
/** The folders that take longest, in the order in which they are begun; the others follow. */
const longest: readonly string[] = ["suites", "backends", "cli", "release", "object", "large"];

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What `deno test` is given for each process. */
async function parts(): Promise<string[][]> {
  if (Deno.args.length > 0) return [[...Deno.args]];
  const folders: string[] = [], files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(".", import.meta.url))) {
    if (isDirectory && name !== "support") folders.push(name);
    else if (name.endsWith("_test.ts")) files.push(`tests/${name}`);
  }
  const missing = longest.filter((name) => !folders.includes(name));
  if (missing.length > 0) throw new Error(`there are no tests in ${missing.join(", ")}`);
  const others = folders.filter((name) => !longest.includes(name)).sort();
  return [...[...longest, ...others].map((name) => [`tests/${name}`]), files];
}

const decoder = new TextDecoder();
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
let status = 0;

/** Runs the tests of one process and prints what they said when they have ended. */
async function run(args: readonly string[], cache: string): Promise<void> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", "--shuffle", `--junit-path=${report}`, ...args],
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: { TRAPLINE_CACHE: cache },
    stdin: "null",
  }).output();
  const xml = await Deno.readTextFile(report);
  await Deno.remove(report);
  const attribute = (name: string): number =>
    [...xml.matchAll(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`, "g"))]
      .reduce((sum, match) => sum + Number(match[1]), 0);
  const skipped = attribute("disabled") + (xml.match(/<skipped/g)?.length ?? 0);
  const failed = attribute("failures") + attribute("errors");
  const passed = attribute("tests") - failed - skipped;
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  if (code !== 0) {
    status ||= code;
    failures.push(`${args.join(" ")}: ${failed} failed, exit status ${code}`);
  }
  say(decoder.decode(stdout) + decoder.decode(stderr));
}

function say(text: string): void {
  // deno-lint-ignore no-console -- the result of the run
  console.log(text.trimEnd());
}

// Programs that tests start keep code here, not in the user's cache.
const cache = await Deno.makeTempDir({ prefix: "trapline-cache-" });
try {
  const waiting = await parts();
  await Promise.all(Array.from({ length: PROCESSES }, async () => {
    for (let args; (args = waiting.shift()) !== undefined;) await run(args, cache);
  }));
} finally {
  await Deno.remove(cache, { recursive: true });
}
for (const failure of failures) say(failure);
say(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
// Where nothing was run, nothing was proved.
Deno.exit(status === 0 && total.passed === 0 ? 1 : status);
