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
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["compile", "--quiet", "--allow-all", "--no-config", "--no-lock", "--no-npm"],
        ...["--no-remote", "--no-check", `--target=${platform.triple}`],
        ...["--include", "program", "--output", output, `program/${MAIN}`],
      ],
      cwd: scratch,
      stdin: "null",
      stdout: "null",
    }).output();
    if (!success) {
      throw new Error(`Cannot compile executable: ${new TextDecoder().decode(stderr).trim()}`);
    }
    return await Deno.readFile(`${scratch}/${output}`);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}
