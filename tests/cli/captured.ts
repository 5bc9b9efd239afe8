/** Runs the command line in this process and keeps what it prints. */
import { targets } from "../../backends/targets.ts";
import type { Environment } from "../../lib/cli/environment.ts";
import { main } from "../../lib/cli/main.ts";

/** What threads that compile run. */
export const compileWorker: URL = new URL("../../backends/compile_worker.ts", import.meta.url);

// The user's cache is not for tests.
const cache = Deno.makeTempDirSync({ prefix: "trapline-cache-" });
Deno.env.set("TRAPLINE_CACHE", cache);
addEventListener("unload", () => Deno.removeSync(cache, { recursive: true }));

/** What a command did. */
export interface Captured {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line with these arguments, in one thread. */
export function trapline(...args: readonly string[]): Promise<Captured> {
  return traplineIn({}, args);
}

/** Runs the command line in an environment with more. */
export async function traplineIn(
  more: Partial<Environment>,
  args: readonly string[],
): Promise<Captured> {
  let out = "", err = "";
  const status = await main(args, {
    targets,
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    isTerminal: false,
    ...more,
  });
  return { status, out, err };
}

/** Runs `use` with a folder of these files, and deletes it. */
export async function withFiles(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = `${folder}/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(path, text);
    }
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
