/** Capstone as an independent reader of riscv64 code. */
import loadCapstone from "capstone";

interface Instruction {
  readonly size: number;
  readonly mnemonic: string;
  readonly op_str: string;
}
interface Module {
  readonly ARCH_RISCV: number;
  readonly MODE_RISCV64: number;
  readonly MODE_RISCVC: number;
  readonly Capstone: new (architecture: number, mode: number) => {
    disasm(bytes: Uint8Array, address: number, max: number): readonly Instruction[];
    close(): void;
  };
}

/** Reads instructions that stand alone; undefined where Capstone knows none. */
export async function readWithCapstone(
  codes: readonly Uint8Array[],
): Promise<({ size: number; text: string } | undefined)[]> {
  const module = await (loadCapstone as unknown as () => Promise<Module>)();
  const reader = new module.Capstone(
    module.ARCH_RISCV,
    module.MODE_RISCV64 | module.MODE_RISCVC,
  );
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
