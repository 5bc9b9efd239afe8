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

/** What the assembler is to know beyond RV64GC. */
const extensions = ["zba", "zbb", "zbs", "zicond"];

/** The extensions that the installed assembler knows: Zicond came with binutils 2.41. */
export async function knownExtensions(): Promise<readonly string[]> {
  const known: string[] = [];
  for (const name of extensions) {
    const command = new Deno.Command("riscv64-linux-gnu-as", {
      args: [`-march=rv64gc_${name}`, "-o", "/dev/null", "/dev/null"],
      stderr: "null",
    });
    if ((await command.output()).success) known.push(name);
  }
  return known;
}

/** Assembles lines, one instruction each, and gives the bytes and objdump's text of each. */
export async function assembleWithBinutils(
  lines: readonly string[],
): Promise<{ bytes: string; text: string }[]> {
  const folder = await Deno.makeTempDir();
  try {
    const source = `${folder}/a.s`, object = `${folder}/a.o`;
    await Deno.writeTextFile(source, ".option norelax\n" + lines.join("\n") + "\n");
    const march = ["-march=rv64gc", ...await knownExtensions()].join("_");
    await run("riscv64-linux-gnu-as", [march, "-o", object, source]);
    return await disassembleObject(object);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** objdump's reading of instructions that follow each other. */
export async function readWithObjdump(
  codes: readonly Uint8Array[],
): Promise<{ bytes: string; text: string }[]> {
  // From an object, whose attributes say which extensions are there.
  return await assembleWithBinutils(
    codes.map((code) => {
      const hex = [...code].reverse().map((byte) => byte.toString(16).padStart(2, "0")).join("");
      return `.insn ${code.length}, 0x${hex}`;
    }),
  );
}

async function disassembleObject(
  file: string,
): Promise<{ bytes: string; text: string }[]> {
  const listing = await run("riscv64-linux-gnu-objdump", [
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
