/**
 * What the rows of all instruction tables have in common: the traits of a row, the slots of a pseudo
 * row, and the pseudo rows that the calling convention and the frame need.
 *
 * @module
 */
import { InternalError } from "../base/errors.ts";
import type { AbiRows } from "./abi.ts";
import { Role } from "./machine_code.ts";

/** What a row says of its instruction, however the instruction is encoded. */
export interface RowTraits {
  /** Slots of a pseudo row: `def`, `early`, `tied`, `use`, `late` or `imm`, and a name for readers. */
  readonly pseudo?: string;
  /** Descriptor and register pairs may follow. */
  readonly variadic?: boolean;
  /** Destroys all registers that are not preserved. */
  readonly call?: boolean;
  /** Copies slot 1 to slot 0 and nothing else. */
  readonly move?: boolean;
  /** Gives the same value when executed again, and changes no flags. */
  readonly again?: boolean;
  /** The bit of the CPU feature that has the instruction; absent for those that are always there. */
  readonly feature?: number;
}

const rolesByWord: Readonly<Record<string, Role>> = {
  def: Role.def,
  early: Role.defEarly,
  tied: Role.tied,
  use: Role.use,
  late: Role.useLate,
  imm: Role.immediate,
};

/** The roles of the operands of pseudo row `name`. @throws InternalError for a word that is none */
export function pseudoRoles(name: string, slots: string): Role[] {
  return slots === "" ? [] : slots.split(", ").map((slot) => {
    const role = rolesByWord[slot.split(" ")[0] as string];
    if (role === undefined) {
      throw new InternalError(`Cannot read slot "${slot}" of ${name}: no such role`);
    }
    return role;
  });
}

/**
 * Pseudo rows of the calling convention and the frame. `params` defines, `return` uses, the variadic
 * registers; `call` names a relocation target. Offsets of `*_incoming` count from the caller's outgoing
 * area, those of `*_outgoing` from ours; `type` is an IR type's number.
 */
export const conventionRows = {
  params: { pseudo: "", variadic: true },
  return: { pseudo: "", variadic: true },
  call: { pseudo: "imm target", variadic: true, call: true },
  load_incoming: { pseudo: "def d, imm offset, imm type" },
  store_incoming: { pseudo: "imm offset, imm type, use s" },
  load_outgoing: { pseudo: "def d, imm offset, imm type" },
  store_outgoing: { pseudo: "imm offset, imm type, use s" },
  frame_address: { pseudo: "def d, imm offset", again: true },
} as const satisfies Readonly<Record<string, RowTraits>>;

/** The rows of `abi.ts` among the opcodes of a table that has {@linkcode conventionRows}. */
export function abiRowsOf(
  opcodes: Readonly<Record<keyof typeof conventionRows, number>>,
): AbiRows {
  return {
    params: opcodes.params,
    return: opcodes.return,
    loadIncoming: opcodes.load_incoming,
    storeIncoming: opcodes.store_incoming,
    loadOutgoing: opcodes.load_outgoing,
    storeOutgoing: opcodes.store_outgoing,
  };
}
