/**
 * Makes one executable of a program with `deno compile`, which fetches Deno's runtime for the platform
 * (`denort`), or takes that which `DENORT_BIN` names.
 *
 * @module
 */
import { MAIN } from "./bundle.ts";
import { SEAL_SECONDS } from "./manifest.ts";
import type { Platform } from "./platforms.ts";
import type { ProgramFile } from "./program_file.ts";
import { runDeno } from "./run_deno.ts";

/** @throws Error with what Deno says */
export async function compileExecutable(
  platform: Platform,
  files: readonly ProgramFile[],
): Promise<Uint8Array<ArrayBuffer>> {
  const scratch = await Deno.makeTempDir({ prefix: "trapline-compile-" });
  try {
    await Deno.mkdir(`${scratch}/program`);
    for (const { name, bytes } of files) {
      const path = `${scratch}/program/${name}`;
      await Deno.writeFile(path, bytes);
      // Deno embeds the files' times as well.
      await Deno.utime(path, SEAL_SECONDS, SEAL_SECONDS);
    }
    const output = platform.os === "windows" ? "trapline.exe" : "trapline";
    await runDeno("compile executable", [
      ...["compile", "--quiet", "--allow-all", "--no-config", "--no-lock", "--no-npm"],
      ...["--no-remote", "--no-check", `--target=${platform.triple}`],
      ...["--include", "program", "--output", output, `program/${MAIN}`],
    ], scratch);
    return await Deno.readFile(`${scratch}/${output}`);
  } catch (error) {
    if (!(error instanceof Error) || !/\/denort-[^/]*\.zip/.test(error.message)) throw error;
    throw new Error(
      `${error.message}\nWhere Deno's runtime cannot be fetched, --portable makes a program without it`,
    );
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}
