/** What WASI loads, and when. */
import { deepStrictEqual, ok } from "node:assert";
import { moduleGraph, reachable } from "../support/module_graph.ts";

const graph = await moduleGraph();

Deno.test("no node: module is loaded, at once or later", () => {
  const modules = reachable(graph, ["lib/wasi/wasi.ts"], { late: true });
  ok(modules.some((name) => name.endsWith("lib/wasi/host/posix.ts")), "the graph was not read");
  deepStrictEqual(modules.filter((name) => name.startsWith("node:")), []);
});

Deno.test("what only files need is not loaded at once", () => {
  const modules = reachable(graph, ["lib/wasi/wasi.ts"]);
  ok(modules.some((name) => name.endsWith("lib/wasi/transfers.ts")), "the graph was not read");
  const late = ["paths.ts", "walker.ts", "directories.ts", "posix.ts", "portable.ts", "open.ts"];
  deepStrictEqual(late.filter((file) => modules.some((name) => name.endsWith(`/${file}`))), []);
});
