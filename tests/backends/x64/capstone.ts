/**
 * Capstone as an independent reader of x64 code.
 *
 * @module
 */
import loadCapstone from "capstone";

/** One instruction as Capstone reads it at address 0. */
export interface Read {
  readonly size: number;
  readonly text: string;
}

interface Instruction {
  readonly size: number;
  readonly mnemonic: string;
  readonly op_str: string;
}
interface Module {
  readonly ARCH_X86: number;
  readonly MODE_64: number;
  readonly Capstone: new (architecture: number, mode: number) => {
    disasm(bytes: Uint8Array, address: number, max: number): readonly Instruction[];
    close(): void;
  };
}

/** Reads instructions that stand alone; undefined where Capstone knows none. */
export async function readWithCapstone(
  codes: readonly Uint8Array[],
): Promise<(Read | undefined)[]> {
  const module = await (loadCapstone as unknown as () => Promise<Module>)();
  const reader = new module.Capstone(module.ARCH_X86, module.MODE_64);
  const result = codes.map((bytes) => {
    try {
      const [first] = reader.disasm(bytes, 0, 1);
      return first && { size: first.size, text: `${first.mnemonic} ${first.op_str}`.trim() };
    } catch {
      return undefined;
    }
  });
  reader.close();
  return result;
}
