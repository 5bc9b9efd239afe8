/**
 * Makes a program of the sources: a few JavaScript files, and the data that they read, in one folder.
 * The result is the same for the same sources, wherever they lie.
 *
 * @module
 */
import { renameChunks } from "./chunk_names.ts";
import { findPackages, type InstalledPackages } from "./packages.ts";
import { inOrder, type ProgramFile } from "./program_file.ts";
import { runDeno } from "./run_deno.ts";
import { readSources } from "./sources.ts";

/** A program whose files are known. */
export interface Program {
  readonly files: readonly ProgramFile[];
  /** A hash of the sources. */
  readonly build: string;
  readonly licenses: InstalledPackages["licenses"];
}

/** The module that starts the command line, and the one that puts an unpacked program in its place. */
export const MAIN = "cli.js", PLACE = "place.js";

/** Modules that import npm packages, for which those are looked up. */
const importers = ["lib/cli/text_format.ts", "lib/debug/demangle.ts"];

/**
 * Bundles the project.
 * @param root its folder
 * @throws Error with what the bundler says
 */
export async function bundleProgram(root: string): Promise<Program> {
  const { sources, workers, hash } = await readSources(root);
  const scratch = await Deno.makeTempDir({ prefix: "trapline-bundle-" });
  try {
    for (const { path, text } of sources) await write(`${scratch}/${path}`, text);
    const packages = await findPackages(scratch, importers);
    const entries = new Map([
      ["place", "./release/place.ts"],
      ...[...workers].map(([name, path]) => [name, `./${path}`] as const),
      ...packages.workers,
    ]);
    // Entries lie in one folder, so that all files of the bundle do.
    for (const [name, specifier] of entries) {
      await write(`${scratch}/${name}.ts`, `import ${JSON.stringify(specifier)};\n`);
    }
    const names = ["cli", ...[...entries.keys()].sort()];
    await runBundler(scratch, names);
    const chunks = new Map<string, string>();
    for await (const { name } of Deno.readDir(`${scratch}/out`)) {
      chunks.set(name, await Deno.readTextFile(`${scratch}/out/${name}`));
    }
    const encoder = new TextEncoder();
    const files = [
      ...[...renameChunks(chunks, names.map((name) => `${name}.js`))]
        .map(([name, text]) => ({ name, bytes: encoder.encode(text) })),
      ...packages.data,
    ];
    checkReferences(files);
    return { files: inOrder(files), build: hash, licenses: packages.licenses };
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

async function runBundler(folder: string, names: readonly string[]): Promise<void> {
  const options = ["--quiet", "--frozen", "--platform=deno", "--code-splitting", "--minify"];
  const entries = names.map((name) => `${name}.ts`);
  await runDeno("bundle", ["bundle", ...options, "--outdir=out", ...entries], folder);
}

/** Whatever a module finds by its own URL must be among the files. */
function checkReferences(files: readonly ProgramFile[]): void {
  const names = new Set(files.map(({ name }) => name));
  const decoder = new TextDecoder();
  for (const { name, bytes } of files) {
    if (!name.endsWith(".js")) continue;
    const urls = decoder.decode(bytes).matchAll(
      /\bnew URL\(\s*["'`]\.\/([^"'`]*)["'`],\s*import\.meta\.url\s*\)/g,
    );
    for (const [, target = ""] of urls) {
      if (!names.has(target)) {
        throw new Error(`Cannot bundle: "${name}" reads "${target}", which is not in the program`);
      }
    }
  }
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
}
