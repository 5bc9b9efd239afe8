/**
 * What a program takes of npm packages besides what the bundler finds: data that they read at run time,
 * modules that their threads run, and their licences.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { dropCustomSections } from "./custom_sections.ts";
import type { ProgramFile } from "./program_file.ts";
import { runDeno } from "./run_deno.ts";

/** A package whose code is in the bundle. */
interface Package {
  readonly name: string;
  /** What it is in Trapline. */
  readonly purpose: string;
  /** Files that it reads beside its modules. */
  readonly data?: readonly string[];
  /** A module that it runs in a thread, to be found beside its others. */
  readonly worker?: string;
}

/** The packages in the bundle. */
const packages: readonly Package[] = [
  { name: "binaryen", purpose: "the optimiser behind --wasm-opt" },
  {
    name: "@bytecodealliance/jco-transpile",
    purpose: "wasm-tools, which reads and writes the text format",
    data: ["vendor/wasm-tools.core.wasm", "vendor/wasm-tools.core2.wasm"],
  },
  {
    name: "@bytecodealliance/preview2-shim",
    purpose: "what wasm-tools asks of the system",
    worker: "lib/io/worker-thread.js",
  },
  { name: "gecko-profiler-demangle", purpose: "demanglers" },
];

/** The packages as they lie on this machine. */
export interface InstalledPackages {
  /** Data files, as they stand in the program. */
  readonly data: readonly ProgramFile[];
  /** Modules of threads: specifiers by the name of the entry that they become. */
  readonly workers: ReadonlyMap<string, string>;
  readonly licenses: readonly { readonly title: string; readonly text: string }[];
}

/**
 * Looks the packages up.
 * @param folder of the sources, with `deno.json`
 * @param modules those that import the packages
 */
export async function findPackages(
  folder: string,
  modules: readonly string[],
): Promise<InstalledPackages> {
  const paths = await packageFolders(folder, modules);
  const data: ProgramFile[] = [];
  const workers = new Map<string, string>();
  const licenses: { title: string; text: string }[] = [];
  for (const { name, purpose, data: files = [], worker } of packages) {
    const path = paths.get(name);
    if (path === undefined) {
      throw new Error(`Cannot bundle: package "${name}" is not used any more`);
    }
    for (const file of files) {
      data.push({
        name: fileName(file),
        bytes: dropCustomSections(await Deno.readFile(`${path}/${file}`)),
      });
    }
    if (worker !== undefined) {
      workers.set(fileName(worker).replace(/\.js$/, ""), pathToFileURL(`${path}/${worker}`).href);
    }
    licenses.push({ title: `${name}: ${purpose}`, text: await licenseOf(path) });
  }
  return { data, workers, licenses };
}

interface DenoInfo {
  readonly npmPackages: Readonly<
    Record<string, { readonly name: string; readonly localPath: string }>
  >;
}

/** Where Deno has the packages that modules import; of several versions, those of direct imports. */
async function packageFolders(
  folder: string,
  modules: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const module of modules) {
    const text = await runDeno("look up packages", ["info", "--json", module], folder);
    const { npmPackages }: DenoInfo = JSON.parse(text);
    for (const { name, localPath } of Object.values(npmPackages)) found.set(name, localPath);
  }
  return found;
}

async function licenseOf(folder: string): Promise<string> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (/^licen[cs]e/i.test(name)) names.push(name);
  }
  const texts = await Promise.all(
    names.sort().map((name) => Deno.readTextFile(`${folder}/${name}`)),
  );
  if (texts.length > 0) return texts.join("\n");
  const { license } = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
  if (typeof license !== "string") throw new Error(`Cannot find the licence of "${folder}"`);
  return `${license}\n`;
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
