/**
 * The internal calling convention of riscv64: the rows that move parameters and results. The
 * registers are in `registers.ts`, the assignment in `lib/codegen/abi.ts`.
 *
 * @module
 */
import type { AbiRows } from "../../lib/codegen/abi.ts";
import { abiRowsOf } from "../../lib/codegen/instruction_rows.ts";
import { Opcode } from "./instructions.ts";

/** Rows for parameters and results. */
export const abiRows: AbiRows = abiRowsOf(Opcode);
