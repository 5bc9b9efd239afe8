/**
 * A function of a module, as command lines name it.
 *
 * @module
 */
import type { ModuleTranslation } from "../translate/module.ts";
import { UsageError } from "./environment.ts";

/**
 * The index of a defined function.
 * @param name an index, a name of the name section, or an export
 * @throws UsageError when there is no such function, it is imported, or several have the name
 */
export function findFunction({ module }: ModuleTranslation, name: string): number {
  const { functions, importedFunctions, exports, names } = module;
  let found: number[];
  if (/^\d+$/.test(name)) found = Number(name) < functions.length ? [Number(name)] : [];
  else {
    const exported = exports.filter((e) => e.kind === "function" && e.name === name);
    found = exported.map(({ index }) => index);
    for (const [index, given] of names.map("function")) {
      if (given === name && !found.includes(index)) found.push(index);
    }
  }
  const [index] = found;
  if (index === undefined) {
    const last = functions.length - 1;
    const range = last < 0 ? "it has none" : `indices go from 0 to ${last}`;
    throw new UsageError(`the module has no function "${name}"; ${range}`);
  }
  if (found.length > 1) {
    throw new UsageError(`several functions are called "${name}": ${found.join(", ")}`);
  }
  if (index < importedFunctions) {
    throw new UsageError(`function "${name}" is imported: it has no code in this module`);
  }
  return index;
}
