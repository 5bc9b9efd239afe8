/**
 * What `table.get` and `table.set` beyond the end of a table tell. The other accesses of tables are
 * builtins, which know what they were given.
 *
 * @module
 */
import type { FaultingMachine } from "./faulting_machine.ts";
import type { TableEvidence } from "./trap_evidence.ts";

/** The access that failed; undefined where the table is not known. */
export function tableEvidence(machine: FaultingMachine): TableEvidence | undefined {
  const { operator, instance } = machine;
  const tableIndex = operator?.table;
  const table = tableIndex === undefined ? undefined : instance?.tables[tableIndex];
  if (tableIndex === undefined || table === undefined) return undefined;
  const { length } = table;
  const { constant } = operator ?? {};
  // The index of `table.set` is not the last operand.
  const index = operator?.name === "table.get" && constant !== undefined
    ? constant
    : machine.indexBeyond(length);
  return {
    table: tableIndex,
    ...(index !== undefined && { index }),
    count: 1,
    tableLength: length,
  };
}
