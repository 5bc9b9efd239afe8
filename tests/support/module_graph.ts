/** The import graph of the project's sources, for tests of what may know what and what is loaded when. */
import { fileURLToPath } from "node:url";

/** The project's folder, as a URL. */
export const root: string = new URL("../..", import.meta.url).href;

/** An import of a module. */
export interface Import {
  /** The whole specifier. */
  readonly specifier: string;
  /** Whether it is loaded when the program comes there, not before it starts. */
  readonly isLate: boolean;
  /** Whether only types are taken from it: it is not loaded at all. */
  readonly isType: boolean;
}

/** What every module imports, by its specifier. */
export type ModuleGraph = ReadonlyMap<string, readonly Import[]>;

interface ModuleInfo {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly isDynamic?: boolean;
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
  }[];
}

/** The graph of all sources, those included that Deno does not see from the entries. */
export async function moduleGraph(): Promise<ModuleGraph> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const sources = [
      "mod.ts",
      "cli.ts",
      ...await sourcesBelow("lib"),
      ...await sourcesBelow("backends"),
      ...await sourcesBelow("release"),
    ];
    await Deno.writeTextFile(entry, sources.map((path) => `import "${root}${path}";\n`).join(""));
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", entry],
      cwd: fileURLToPath(root),
    }).output();
    const modules: ModuleInfo[] = JSON.parse(new TextDecoder().decode(stdout)).modules;
    return new Map(
      await Promise.all(
        modules.map(async (info) => [info.specifier, await importsOf(info)] as const),
      ),
    );
  } finally {
    await Deno.remove(entry);
  }
}

async function importsOf({ specifier, dependencies = [] }: ModuleInfo): Promise<Import[]> {
  const imports: Import[] = [];
  for (const { isDynamic = false, code, type } of dependencies) {
    for (
      const { found, isType } of [{ found: code, isType: false }, { found: type, isType: true }]
    ) {
      if (found?.specifier === undefined) continue;
      imports.push({ specifier: found.specifier, isLate: isDynamic, isType });
    }
  }
  if (!specifier.startsWith(root)) return imports;
  const text = await Deno.readTextFile(new URL(specifier));
  for (const [, path = ""] of text.matchAll(/\bunlisted\(\s*"(\.[^"]*)"/g)) {
    imports.push({ specifier: new URL(path, specifier).href, isLate: true, isType: false });
  }
  return imports;
}

/** The modules that importing these paths executes; with `late` also those it may import later. */
export function reachable(
  graph: ModuleGraph,
  paths: readonly string[],
  { late = false } = {},
): string[] {
  const seen = new Set<string>();
  const visit = (specifier: string): void => {
    if (seen.has(specifier)) return;
    seen.add(specifier);
    for (const { specifier: next, isLate, isType } of graph.get(specifier) ?? []) {
      if (!isType && (late || !isLate)) visit(next);
    }
  };
  for (const path of paths) visit(root + path);
  return [...seen];
}

/** The paths of all source files below a folder. */
export async function sourcesBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    if (isDirectory) paths.push(...await sourcesBelow(`${folder}/${name}`));
    else if (name.endsWith(".ts")) paths.push(`${folder}/${name}`);
  }
  return paths.sort();
}
