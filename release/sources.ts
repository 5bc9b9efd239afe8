/**
 * The sources as they are bundled: a copy in which what the program loads late is written as a bundler
 * understands it. `import(unlisted("./x.ts"))` becomes `import("./x.ts")` again, and the URL of a
 * module that a thread runs becomes that of an entry of the bundle.
 *
 * @module
 */
import { sha256Hex } from "../lib/base/sha256.ts";

/** A source by its path in the project, with `/` between its parts. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** The sources of a program, and the modules that its threads run, by the entries' names. */
export interface ProgramSources {
  readonly sources: readonly Source[];
  readonly workers: ReadonlyMap<string, string>;
  /** A hash of all sources. */
  readonly hash: string;
}

/** What a program is made of, besides what npm packages hold. */
const roots = [
  "cli.ts",
  "deno.json",
  "deno.lock",
  "lib",
  "backends",
  "release/manifest.ts",
  "release/place.ts",
];

/** Reads the sources of a project's folder. */
export async function readSources(root: string): Promise<ProgramSources> {
  const paths: string[] = [];
  for (const path of roots) await collect(root, path, paths);
  const workers = new Map<string, string>();
  const sources: Source[] = [];
  for (const path of paths.sort()) {
    const text = await Deno.readTextFile(`${root}/${path}`);
    sources.push({ path, text: path.endsWith(".ts") ? listImports(path, text, workers) : text });
  }
  const hash = await sha256Hex(new TextEncoder().encode(JSON.stringify(sources)));
  return { sources: sources.map((source) => withBuild(source, hash)), workers, hash };
}

async function collect(root: string, path: string, paths: string[]): Promise<void> {
  if (!(await Deno.stat(`${root}/${path}`)).isDirectory) return void paths.push(path);
  for await (const { name, isDirectory } of Deno.readDir(`${root}/${path}`)) {
    if (isDirectory) await collect(root, `${path}/${name}`, paths);
    else paths.push(`${path}/${name}`);
  }
}

/**
 * Writes the late imports and the URLs of workers of a module as a bundler understands them.
 * @param workers receives the modules that workers run, by the names of their entries
 * @throws Error when `unlisted` is used in another way
 */
export function listImports(path: string, text: string, workers: Map<string, string>): string {
  const listed = text
    .replace(/\bimport\(\s*unlisted\(("[^"]*"),?\s*\),?\s*\)/g, "import($1)")
    .replace(/\bnew URL\(\s*"(\.[^"]*)\.ts",\s*import\.meta\.url\s*\)/g, (_, specifier: string) => {
      const module = resolve(path, `${specifier}.ts`);
      const name = nameOf(module);
      if ((workers.get(name) ?? module) !== module) {
        throw new Error(`Cannot bundle: two workers are called "${name}"`);
      }
      workers.set(name, module);
      return `new URL("./${name}.js", import.meta.url)`;
    });
  const left = /^(?!\s*\*|export function).*\bunlisted\(.*$/m.exec(listed);
  if (left !== null) {
    throw new Error(
      `Cannot bundle "${path}": it does not import what it calls unlisted: ${left[0]}`,
    );
  }
  return listed;
}

/** The path in the project that a relative specifier in a module means. */
function resolve(path: string, specifier: string): string {
  return new URL(specifier, `file:///${path}`).pathname.slice(1);
}

/** A file's name without its ending. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1, path.lastIndexOf("."));
}

/** `deno.json` says what the program was built of; see `lib/base/version.ts`. */
function withBuild(source: Source, build: string): Source {
  if (source.path !== "deno.json") return source;
  return { ...source, text: JSON.stringify({ ...JSON.parse(source.text), build }) };
}
