/**
 * Capstone and binutils as independent readers of AArch64 code.
 *
 * @module
 */
import loadCapstone from "capstone";

interface Instruction {
  readonly mnemonic: string;
  readonly op_str: string;
}
interface Module {
  readonly ARCH_ARM64: number;
  readonly MODE_ARM: number;
  readonly Capstone: new (architecture: number, mode: number) => {
    disasm(bytes: Uint8Array, address: number, max: number): readonly Instruction[];
    close(): void;
  };
}

/** The bytes of a word. */
export function bytesOf(word: number): Uint8Array {
  return Uint8Array.of(word, word >> 8, word >> 16, word >> 24);
}

/** Reads words that stand alone; undefined where Capstone knows no such instruction. */
export async function readWithCapstone(words: readonly number[]): Promise<(string | undefined)[]> {
  const module = await (loadCapstone as unknown as () => Promise<Module>)();
  const reader = new module.Capstone(module.ARCH_ARM64, module.MODE_ARM);
  const result = words.map((word) => {
    try {
      const [first] = reader.disasm(bytesOf(word), 0, 1);
      return first && `${first.mnemonic} ${first.op_str}`.trim();
    } catch {
      return undefined;
    }
  });
  reader.close();
  return result;
}

/** What GNU objdump prints for each word; undefined where there is no objdump for AArch64. */
export async function readWithObjdump(
  words: readonly number[],
): Promise<string[] | undefined> {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeFile(file, new Uint8Array(Int32Array.from(words).buffer));
    const lines = await run("objdump", ["-D", "-z", "-b", "binary", "-m", "aarch64", file]);
    return lines?.split("\n").flatMap((line) => {
      const text = /^\s*[0-9a-f]+:\s+[0-9a-f]{8}\s+(.*)$/.exec(line)?.[1];
      return text === undefined ? [] : [text.replace(/\s*(\/\/|<).*$/, "")];
    });
  } finally {
    await Deno.remove(file);
  }
}

/** The words that GNU as makes of each line; undefined where there is no such assembler. */
export async function assembleWithGnu(lines: readonly string[]): Promise<number[] | undefined> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/a.s`, lines.join("\n") + "\n");
    const done = await run("as", ["-march=armv8-a+cssc", "-o", `${folder}/a.o`, `${folder}/a.s`]);
    if (done === undefined) return undefined;
    await run("objcopy", ["-O", "binary", "-j", ".text", `${folder}/a.o`, `${folder}/a.bin`]);
    return [...new Int32Array((await Deno.readFile(`${folder}/a.bin`)).buffer)];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a cross tool; undefined where it is not installed. */
async function run(tool: string, args: string[]): Promise<string | undefined> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(`aarch64-linux-gnu-${tool}`, { args }).output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const decoder = new TextDecoder();
  if (!output.success) throw new Error(`${tool}: ${decoder.decode(output.stderr)}`);
  return decoder.decode(output.stdout);
}
