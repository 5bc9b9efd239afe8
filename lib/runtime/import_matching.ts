/**
 * Whether an extern can stand for an import (WebAssembly spec, section 3.5.5, "External Subtyping").
 *
 * @module
 */
import type { GlobalType, Limits, TableType } from "../wasm/types.ts";
import { valueTypeName } from "../wasm/types.ts";
import { type Extern, Func, Memory, Table } from "./externals.ts";
import type { ImportDescription } from "./module.ts";
import type { Store } from "./store.ts";
import { LinkError } from "./trap.ts";
import { describeFunctionType } from "./values.ts";

/**
 * Checks what is given for an import of a module that `store` instantiates.
 * @throws LinkError when `extern` does not match, saying what was wanted and what was given
 */
export function checkImport(wanted: ImportDescription, extern: Extern, store: Store): void {
  const mismatch = extern.store === store
    ? reasonOfMismatch(wanted, extern)
    : "of another store, whose guest memory this one cannot reach";
  if (mismatch === undefined) return;
  throw new LinkError(
    `incompatible import type: Cannot instantiate module: import "${wanted.module}" ` +
      `"${wanted.name}" is ${mismatch}`,
  );
}

function reasonOfMismatch(wanted: ImportDescription, extern: Extern): string | undefined {
  const { type } = wanted;
  const given = extern instanceof Func
    ? "function"
    : extern instanceof Memory
    ? "memory"
    : extern instanceof Table
    ? "table"
    : "global";
  if (type.kind !== given) return `a ${given}, not a ${type.kind}`;
  if (extern instanceof Func) {
    const expected = describeFunctionType(wanted.functionType as Func["type"]);
    const found = describeFunctionType(extern.type);
    return found === expected ? undefined : `a function ${found}, not ${expected}`;
  }
  if (extern instanceof Memory && type.kind === "memory") {
    return limitsMismatch(type.type.limits, extern.type.limits, extern.pages);
  }
  if (extern instanceof Table && type.kind === "table") {
    return tableMismatch(type.type, extern);
  }
  return type.kind === "global" ? globalMismatch(type.type, extern.type as GlobalType) : undefined;
}

function limitsMismatch(wanted: Limits, given: Limits, size: number): string | undefined {
  if (size < wanted.minimum) return `of size ${size}, less than ${wanted.minimum}`;
  if (wanted.maximum === undefined) return undefined;
  if (given.maximum === undefined) return `without a maximum, not at most ${wanted.maximum}`;
  return given.maximum > wanted.maximum
    ? `of at most ${given.maximum}, not at most ${wanted.maximum}`
    : undefined;
}

function tableMismatch(wanted: TableType, given: Table): string | undefined {
  if (wanted.element !== given.type.element) {
    return `a table of ${valueTypeName(given.type.element)}, not ${valueTypeName(wanted.element)}`;
  }
  return limitsMismatch(wanted.limits, given.type.limits, given.length);
}

function globalMismatch(wanted: GlobalType, given: GlobalType): string | undefined {
  const describe = ({ type, mutable }: GlobalType): string =>
    (mutable ? "mutable " : "immutable ") + valueTypeName(type);
  return wanted.type === given.type && wanted.mutable === given.mutable
    ? undefined
    : `${describe(given)}, not ${describe(wanted)}`;
}
