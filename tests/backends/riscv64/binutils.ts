/** binutils' assembler and disassembler for riscv64, where they are installed. */

async function run(command: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${command}: ${decoder.decode(stderr).slice(0, 2000)}`);
  return decoder.decode(stdout);
}

function isInstalled(command: string): boolean {
  try {
    return new Deno.Command(command, { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
}

/** Whether the cross assembler and disassembler are there. */
export const hasBinutils: boolean = isInstalled("riscv64-linux-gnu-as") &&
  isInstalled("riscv64-linux-gnu-objdump");

/** Assembles lines, one instruction each, and gives the bytes and objdump's text of each. */
export async function assembleWithBinutils(
  lines: readonly string[],
): Promise<{ bytes: string; text: string }[]> {
  const folder = await Deno.makeTempDir();
  try {
    const source = `${folder}/a.s`, object = `${folder}/a.o`;
    await Deno.writeTextFile(source, ".option norelax\n" + lines.join("\n") + "\n");
    await run("riscv64-linux-gnu-as", ["-march=rv64gc", "-o", object, source]);
    return await disassembleObject(object, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** objdump's reading of bytes that follow each other. */
export async function readWithObjdump(
  code: Uint8Array,
): Promise<{ bytes: string; text: string }[]> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/a.bin`, code);
    return await disassembleObject(`${folder}/a.bin`, ["-b", "binary", "-m", "riscv:rv64", "-D"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function disassembleObject(
  file: string,
  options: readonly string[],
): Promise<{ bytes: string; text: string }[]> {
  const listing = await run("riscv64-linux-gnu-objdump", [
    ...options,
    "-d",
    "-z",
    "-M",
    "no-aliases",
    file,
  ]);
  const result: { bytes: string; text: string }[] = [];
  for (const line of listing.split("\n")) {
    const parts = /^\s*[0-9a-f]+:\s+([0-9a-f]+)\s+(.*)$/.exec(line);
    if (parts === null) continue;
    const text = (parts[2] as string).replace(/\s*<.*>/, "").replace(/\s*#.*/, "");
    result.push({ bytes: parts[1] as string, text: text.replace(/\s+/, " ").trim() });
  }
  return result;
}
