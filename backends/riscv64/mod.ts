/**
 * The riscv64 backend: RV64GC, with compressed instructions, without extensions for bit
 * manipulation.
 *
 * @module
 */
import { lowerings } from "../../lib/codegen/lowerings.ts";
import type { Isa } from "../../lib/codegen/isa.ts";
import { emit } from "./emit.ts";
import { branchForms, roles } from "./encoder.ts";
import { spillBytes } from "./frame_layout.ts";
import { opcodeNames } from "./instructions.ts";
import { copies, foldsConstant, lower, lowerEntry } from "./lower.ts";
import { registers } from "./registers.ts";
import { VENEER_BYTES, writeVeneer } from "./relocations.ts";
import { riscv64Runtime } from "./runtime.ts";

/** The riscv64 instruction set. */
export const riscv64: Isa = {
  ...riscv64Runtime,
  registers,
  opcodeNames,
  roles,
  lowerings: lowerings(lower),
  scalarizesVectors: true,
  copies,
  lowerEntry,
  foldsConstant,
  emit,
  branchForms,
  spillBytes,
  veneer: { size: VENEER_BYTES, write: writeVeneer },
  functionAlignment: 4,
  padding: Uint8Array.of(0x02, 0x90), // c.ebreak
};
