/** The tools of binutils and gdb, where they are installed. */
import type { RuntimeIsa } from "../../lib/codegen/isa.ts";

/** Prefixes of the tools that know an instruction set, the first that is installed is used. */
const prefixes: Readonly<Record<string, readonly string[]>> = {
  x64: Deno.build.arch === "x86_64" ? ["", "x86_64-linux-gnu-"] : ["x86_64-linux-gnu-"],
  aarch64: ["aarch64-linux-gnu-"],
  riscv64: ["riscv64-linux-gnu-"],
};

/** Runs a tool; undefined, with a message, where it is not installed. Fails where the tool fails. */
export async function runTool(
  isa: RuntimeIsa,
  tool: string,
  ...args: string[]
): Promise<string | undefined> {
  for (const prefix of tool === "gdb" || tool === "gcc" ? [""] : prefixes[isa.name] ?? []) {
    try {
      const { code, stdout, stderr } = await new Deno.Command(prefix + tool, {
        args,
        stdin: "null",
      }).output();
      const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
      if (code !== 0) throw new Error(`${prefix}${tool} ${args.join(" ")}: ${decode(stderr)}`);
      const complaint = /^.*(warning|error):.*$/im.exec(decode(stderr));
      if (complaint !== null) throw new Error(`${prefix}${tool}: ${complaint[0]}`);
      return decode(stdout);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return skip(`no ${tool} for ${isa.name} is installed`);
}

/** Says why a test, or the rest of it, does not run. */
export function skip(reason: string): undefined {
  // deno-lint-ignore no-console
  console.warn(`skipped: ${reason}`);
}

/** Writes files to a folder that is deleted afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
