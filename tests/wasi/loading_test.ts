/** What WASI loads, and when. */
import { deepStrictEqual, ok } from "node:assert";
import { fileURLToPath } from "node:url";

interface ModuleInfo {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly isDynamic?: boolean;
    readonly code?: { readonly specifier?: string };
  }[];
}

/** The modules that importing `entry` executes; with `all` also those it may import later. */
async function modulesOf(entry: string, all: boolean): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
  }).output();
  const { roots, modules } = JSON.parse(new TextDecoder().decode(stdout));
  const byName = new Map<string, ModuleInfo>(
    modules.map((module: ModuleInfo) => [module.specifier, module]),
  );
  const seen = new Set<string>();
  const visit = (specifier: string): void => {
    if (seen.has(specifier)) return;
    seen.add(specifier);
    for (const { isDynamic, code } of byName.get(specifier)?.dependencies ?? []) {
      if (code?.specifier !== undefined && (all || !isDynamic)) visit(code.specifier);
    }
  };
  visit(roots[0]);
  return [...seen];
}

Deno.test("no node: module is loaded, at once or later", async () => {
  const modules = await modulesOf("lib/wasi/wasi.ts", true);
  ok(modules.some((name) => name.endsWith("lib/wasi/host/posix.ts")), "the graph was not read");
  deepStrictEqual(modules.filter((name) => name.startsWith("node:")), []);
});

Deno.test("what only files need is not loaded at once", async () => {
  const modules = await modulesOf("lib/wasi/wasi.ts", false);
  ok(modules.some((name) => name.endsWith("lib/wasi/transfers.ts")), "the graph was not read");
  const late = ["paths.ts", "walker.ts", "directories.ts", "posix.ts", "portable.ts", "open.ts"];
  deepStrictEqual(late.filter((file) => modules.some((name) => name.endsWith(`/${file}`))), []);
});
