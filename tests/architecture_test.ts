/**
 * The layering of ARCHITECTURE.md, checked against the import graph.
 */
import { deepStrictEqual, ok } from "node:assert";
import { moduleGraph, root, sourcesBelow } from "./support/module_graph.ts";

/** Which folders each folder may import from; its own is always allowed. */
const base = ["lib/base"];
const host = [...base, "lib/host"];
const ir = [...base, "lib/ir"];
const translate = [...ir, "lib/wasm", "lib/translate"];
const codegen = [...ir, "lib/passes", "lib/codegen"];
const compile = [...translate, ...codegen, "lib/compile"];
const link = [...compile, "lib/link"];
const debug = [...base, "lib/wasm", "lib/debug"];
const object = [...link, ...debug, "lib/object"];
const runtime = [...object, "lib/executor", "lib/runtime"];
const snapshot = [...runtime, ...host, "lib/snapshot"];
const inspect = [...snapshot, "lib/inspect"];
const compareLayer = [...runtime, "lib/wasi", "lib/compare"];
const cli = [...inspect, ...compareLayer, ...host, "lib/cache", "lib/cli"];
const backend = [...codegen, "lib/compile", "lib/link", "lib/executor", "lib/runtime"];
const allowed: Readonly<Record<string, readonly string[]>> = {
  "lib/base": [],
  "lib/wasm": base,
  "lib/ir": base,
  "lib/translate": translate,
  "lib/passes": ir,
  "lib/codegen": codegen,
  "lib/compile": compile,
  "lib/link": link,
  "lib/object": object,
  "lib/debug": debug,
  "lib/host": host,
  "lib/executor": host,
  "lib/cache": host,
  "lib/runtime": runtime,
  "lib/wasi": runtime,
  "lib/snapshot": snapshot,
  "lib/inspect": inspect,
  "lib/compare": compareLayer,
  "lib/cli": [...cli, "."],
  "backends/x64": codegen.concat("lib/executor"),
  "backends/aarch64": codegen.concat("lib/executor"),
  "backends/riscv64": codegen.concat("lib/executor"),
  "backends": [...backend, "backends/x64", "backends/aarch64", "backends/riscv64"],
  ".": [...cli, "backends"],
  "release": cli,
};

/** The layer of a module: its folder, `.` at the top, undefined outside the project and of data. */
function layerOf(specifier: string): string | undefined {
  if (!specifier.startsWith(root) || specifier.endsWith(".json")) return undefined;
  const parts = specifier.slice(root.length).split("/");
  if (parts[0] === "lib") return `lib/${parts[1]}`;
  if (parts[0] === "backends") return parts.length > 2 ? `backends/${parts[1]}` : "backends";
  return parts[0] === "release" ? "release" : ".";
}

Deno.test("a layer imports only from those it may know", async () => {
  const violations = new Set<string>();
  const seen = new Set<string>();
  for (const [specifier, imports] of await moduleGraph()) {
    const from = layerOf(specifier);
    if (from === undefined) continue;
    ok(from in allowed, `${specifier} is in no known layer`);
    seen.add(from);
    for (const { specifier: target } of imports) {
      const to = layerOf(target);
      if (to === undefined || to === from || allowed[from]?.includes(to)) continue;
      violations.add(`${specifier.slice(root.length)} imports ${target.slice(root.length)}`);
    }
  }
  deepStrictEqual([...violations], []);
  ok(seen.has("lib/codegen") && seen.has("backends/x64"), "the graph was not read");
});

/** Folders and sources that may name instruction sets: they speak of the host, or of other compilers. */
const namesInstructionSets: readonly string[] = [
  // The machine that this runs on: its libraries, its native code, the target by default.
  "lib/cli/context.ts",
  "lib/executor/unicorn/",
  "lib/wasi/host/",
  // What peers call our targets, and what they were measured to execute.
  "lib/cli/bench/peers/",
  // The text of the help.
  "lib/cli/commands.ts",
];

Deno.test("shared code never names an instruction set", async () => {
  const name = /(?<![0-9a-z])(x64|x86(_64)?|amd64|aarch64|arm64|riscv(64)?)(?![0-9a-z])/i;
  const offenders: string[] = [];
  for (const path of await sourcesBelow("lib")) {
    if (namesInstructionSets.some((allowed) => path.startsWith(allowed))) continue;
    if (name.test(await codeOf(path))) offenders.push(path);
  }
  deepStrictEqual(offenders, []);
});

/** The code of a source file, without its comments. */
async function codeOf(path: string): Promise<string> {
  const text = await Deno.readTextFile(new URL(path, root));
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*/g, "");
}

Deno.test("what compiles asks the host nothing: the same input gives the same code everywhere", async () => {
  const offenders: string[] = [];
  const layers = ["base", "wasm", "ir", "translate", "passes", "codegen", "compile", "link"];
  for (const folder of [...layers.map((layer) => `lib/${layer}`), "lib/object", "backends"]) {
    for (const path of await sourcesBelow(folder)) {
      // How many threads there are by default: the code is the same with any number of them.
      if (path === "lib/compile/parallel/compile_pool.ts") continue;
      if (/\b(Deno|navigator|process|globalThis)\./.test(await codeOf(path))) offenders.push(path);
    }
  }
  deepStrictEqual(offenders, []);
});

Deno.test("no feature of a processor is known by its name outside its backend", async () => {
  const { backends } = await import("../backends/mod.ts");
  const names = backends.flatMap(({ isa }) => isa.features.map(({ name }) => name))
    .filter((name) => name.length > 1 && name !== "popcnt"); // wasm has an operator of that name
  ok(names.includes("zbb"));
  const pattern = new RegExp(`["\`](${names.join("|").replaceAll(".", "\\.")})["\`]`);
  const offenders: string[] = [];
  for (const path of await sourcesBelow("lib")) {
    if (pattern.test(await codeOf(path))) offenders.push(path);
  }
  deepStrictEqual(offenders, []);
});
