/** The tools of binutils and gdb, where they are installed. */
import type { RuntimeIsa } from "../../lib/codegen/isa.ts";

/** Prefixes of the tools that know an instruction set, the first that is installed is used. */
const prefixes: Readonly<Record<string, readonly string[]>> = {
  x64: Deno.build.arch === "x86_64" ? ["", "x86_64-linux-gnu-"] : ["x86_64-linux-gnu-"],
  aarch64: ["aarch64-linux-gnu-"],
  riscv64: ["riscv64-linux-gnu-"],
};

/** gdb for all targets, or the machine's own; gcc and the emulators have names of their own. */
function namesOf(isa: RuntimeIsa, tool: string): readonly string[] {
  if (tool === "gdb") {
    const own = { x64: "x86_64", aarch64: "aarch64", riscv64: "" }[isa.name];
    return own === Deno.build.arch ? ["gdb-multiarch", "gdb"] : ["gdb-multiarch"];
  }
  if (tool === "gcc" || tool.startsWith("qemu-")) return [tool];
  return (prefixes[isa.name] ?? []).map((prefix) => prefix + tool);
}

/** Runs a tool; undefined, with a message, where it is not installed. Fails where the tool fails. */
export async function runTool(
  isa: RuntimeIsa,
  tool: string,
  ...args: string[]
): Promise<string | undefined> {
  const found = await startTool(isa, tool, ...args);
  if (found === undefined) return skip(`no ${tool} for ${isa.name} is installed`);
  const { name, code, out, err } = found;
  if (code !== 0) throw new Error(`${name} ${args.join(" ")}: ${err}`);
  const complaint = /^.*(warning|error|not defined|No symbol|corrupt).*$/im.exec(err);
  if (complaint !== null) throw new Error(`${name}: ${complaint[0]}`);
  return out;
}

/** Runs a tool that may fail; undefined where it is not installed. */
export async function startTool(
  isa: RuntimeIsa,
  tool: string,
  ...args: string[]
): Promise<{ name: string; code: number; out: string; err: string } | undefined> {
  for (const name of namesOf(isa, tool)) {
    try {
      const { code, stdout, stderr } = await new Deno.Command(name, {
        args,
        stdin: "null",
      }).output();
      const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
      return { name, code, out: decode(stdout), err: decode(stderr) };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
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
