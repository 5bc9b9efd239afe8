/** DWARF of every version: known answers, LLVM's answers, and input that makes no sense. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { DebugInfo, type SourceFrame } from "../../lib/debug/source_frames.ts";
import { hasShared, SHARED } from "../suites/shared.ts";
import { type DebugFixture, fixture, inlinedFixture } from "./fixtures.ts";

const versions = [2, 3, 4, 5];

/** Where `inlined.cc` divides: an address in the innermost inlined function, in all fixtures. */
const DIVISION = 7;

const divisionFrames: readonly SourceFrame[] = [
  {
    functionName: "_ZNK6shapes3BoxIiE5ratioEv",
    file: "/src/inlined.cc",
    line: 6,
    column: 65,
    inlined: true,
  },
  {
    functionName: "_ZN6shapesL5twiceERKNS_3BoxIiEE",
    file: "/src/inlined.cc",
    line: 9,
    column: 18,
    inlined: true,
  },
  {
    functionName: "_ZN6shapes7measureEii",
    file: "/src/inlined.cc",
    line: 13,
    column: 10,
    inlined: false,
  },
];

for (const version of versions) {
  Deno.test(`DWARF ${version}: calls that were inlined`, async () => {
    const { sections } = await inlinedFixture(version);
    const frames = new DebugInfo(sections).framesAt(DIVISION);
    // Call columns came with version 3; clang writes linkage names in all.
    const withoutCallColumns = (frame: SourceFrame, n: number): SourceFrame => {
      if (version > 2 || n === 0) return frame;
      const { column: _, ...rest } = frame;
      return rest;
    };
    deepStrictEqual(
      frames.map(withoutCallColumns),
      divisionFrames.map(withoutCallColumns),
    );
  });
}

Deno.test("the line table alone gives file and line", async () => {
  for (const version of versions) {
    const { sections } = await inlinedFixture(version);
    const kept = [".debug_line", ".debug_line_str", ".debug_str"];
    const lines = new Map([...sections].filter(([name]) => kept.includes(name)));
    const [frame, ...rest] = new DebugInfo(lines).framesAt(DIVISION);
    deepStrictEqual(rest, []);
    strictEqual(frame?.line, 6);
    ok(frame.file?.endsWith("inlined.cc"));
    strictEqual(frame.functionName, undefined);
  }
});

Deno.test("no debug information, and addresses outside code, give nothing", async () => {
  deepStrictEqual(new DebugInfo(new Map()).framesAt(7), []);
  const { sections, codeBytes } = await inlinedFixture(5);
  const info = new DebugInfo(sections);
  for (const address of [0, 1, codeBytes, codeBytes + 1000, 0xffffffff, -1]) {
    deepStrictEqual(info.framesAt(address), [], `${address}`);
  }
});

Deno.test("malformed debug information never throws", async () => {
  let random = 1;
  const next = (below: number): number => {
    random = (Math.imul(random, 1103515245) + 12345) >>> 0;
    return (random >>> 8) % below;
  };
  let changed = 0;
  for (const version of versions) {
    const { sections } = await inlinedFixture(version);
    const names = [...sections.keys()].filter((name) => sections.get(name)!.length > 0);
    for (let round = 0; round < 600; round++) {
      const damaged = new Map<string, Uint8Array>(
        [...sections].map(([name, bytes]) => [name, bytes.slice()]),
      );
      const name = names[next(names.length)] as string;
      const bytes = damaged.get(name) as Uint8Array;
      const extremes = [0, 0x7f, 0x80, 0xff, next(256)];
      for (let n = next(4); n >= 0; n--) {
        bytes[next(bytes.length)] = extremes[next(extremes.length)] as number;
      }
      if (next(4) === 0) damaged.set(name, bytes.subarray(0, next(bytes.length)));
      const frames = new DebugInfo(damaged, 100_000).framesAt(DIVISION);
      if (JSON.stringify(frames) !== JSON.stringify(divisionFrames)) changed++;
    }
  }
  ok(changed > 100, "the damage must hit what is read");
});

Deno.test("a query that would be too long ends without an answer", async () => {
  const { sections } = await inlinedFixture(4);
  deepStrictEqual(new DebugInfo(sections, 50).framesAt(DIVISION), []);
  // A line program that adds a row per byte, and never ends its sequence.
  const line = sections.get(".debug_line") as Uint8Array;
  const long = new Uint8Array(1_000_000).fill(1);
  long.set(line);
  new DataView(long.buffer).setUint32(0, long.length - 4, true);
  const info = new DebugInfo(new Map(sections).set(".debug_line", long), 10_000);
  deepStrictEqual(
    info.framesAt(DIVISION).map(({ functionName, line }) => [functionName, line]),
    divisionFrames.map(({ functionName }) => [functionName, undefined]),
  );
});

// ── LLVM ────────────────────────────────────────────────────────────────────────────────────────

/** What `llvm-symbolizer` says of addresses, as `name file:line:column | ...`; undefined without it. */
async function symbolize(
  path: string,
  addresses: readonly number[],
): Promise<string[] | undefined> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("llvm-symbolizer", {
      args: [`--obj=${path}`, "--inlines", "--no-demangle", "--functions=linkage"],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  } catch {
    return undefined;
  }
  const input = new Blob([addresses.map((n) => `0x${n.toString(16)}\n`).join("")]);
  const [{ stdout }] = await Promise.all([child.output(), input.stream().pipeTo(child.stdin)]);
  return new TextDecoder().decode(stdout).trimEnd().split("\n\n").map((block) => {
    const lines = block.split("\n");
    const frames: string[] = [];
    for (let n = 0; n < lines.length; n += 2) frames.push(`${lines[n]} ${lines[n + 1]}`);
    // A column without a line says nothing.
    return frames.join(" | ").replace(/:0:\d+/g, ":0:0");
  });
}

function asLlvmWrites(frames: readonly SourceFrame[]): string {
  return frames.map(({ functionName, file, line, column }) =>
    `${functionName ?? "??"} ${file ?? "??"}:${line ?? 0}:${column ?? 0}`
  ).join(" | ");
}

/** How many addresses differ from what LLVM says; undefined without LLVM. */
async function differences(
  { path, sections, codeBytes }: DebugFixture,
): Promise<string[] | undefined> {
  const addresses: number[] = [];
  const step = Math.max(1, Math.floor(codeBytes / 2000));
  for (let address = 1; address < codeBytes; address += step) addresses.push(address);
  const expected = await symbolize(path, addresses);
  if (expected === undefined) return undefined;
  strictEqual(expected.length, addresses.length);
  const info = new DebugInfo(sections);
  const found: string[] = [];
  addresses.forEach((address, n) => {
    const frames = info.framesAt(address);
    const theirs = expected[n] as string;
    // Where DWARF has nothing, LLVM names the function after the symbol table.
    if (frames.length === 0 && /^\S+ \?\?:0:0$/.test(theirs)) return;
    const ours = asLlvmWrites(frames);
    if (ours !== theirs) found.push(`0x${address.toString(16)}: ${ours}, LLVM says ${theirs}`);
  });
  return found;
}

Deno.test("LLVM gives the same answers for the fixtures", async () => {
  for (const version of versions) {
    const found = await differences(await inlinedFixture(version));
    if (found === undefined) return skipped();
    deepStrictEqual(found, []);
  }
});

Deno.test("LLVM gives the same answers for the corpus", async () => {
  if (!hasShared("corpus")) return skipped();
  for (
    const name of ["noop/benchmark", "bz2/benchmark", "shootout/shootout-ed25519"]
  ) {
    const path = `${SHARED}/corpus/${name}.wasm`;
    const found = await differences(fixture(await Deno.readFile(path), path));
    if (found === undefined) return skipped();
    deepStrictEqual(found.slice(0, 5), [], name);
  }
});

function skipped(): void {
  // deno-lint-ignore no-console -- a test that proves nothing must say so
  console.warn("skipped: llvm-symbolizer or the corpus is not installed");
}
