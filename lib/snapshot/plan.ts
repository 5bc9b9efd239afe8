/**
 * A module's plan as text: what it imports, exports and defines beside functions, a line each.
 *
 * @module
 */
import { describeFunctionType } from "../runtime/values.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import type { Export, Import, TranslatedModule } from "../translate/translated_module.ts";
import { type FunctionType, type Limits, valueTypeName } from "../wasm/types.ts";

/** The lines of a module's plan, `none` where it has nothing to say. */
export function listPlan({ module }: ModuleTranslation): string {
  const lines = [
    ...module.imports.map((entry) => importLine(module, entry)),
    ...definitions(module),
    ...module.exports.map(exportLine),
    ...(module.start === undefined ? [] : [`start function[${module.start}]`]),
  ];
  return lines.length === 0 ? "  none\n" : lines.map((line) => `  ${line}\n`).join("");
}

function importLine(module: TranslatedModule, { module: from, name, type, index }: Import): string {
  const about = type.kind === "function"
    ? " " + describeFunctionType(module.types[type.typeIndex] as FunctionType)
    : type.kind === "memory" || type.kind === "table"
    ? ` ${limits(type.type.limits)}`
    : type.kind === "global"
    ? ` ${type.type.mutable ? "mutable " : ""}${valueTypeName(type.type.type)}`
    : "";
  return `import ${type.kind}[${index}] ${JSON.stringify(from)} ${JSON.stringify(name)}${about}`;
}

function exportLine({ name, kind, index }: Export): string {
  return `export ${kind}[${index}] ${JSON.stringify(name)}`;
}

function definitions(module: TranslatedModule): string[] {
  const lines: string[] = [];
  module.memories.forEach(({ type, imported }, n) => {
    if (!imported) lines.push(`memory[${n}] ${limits(type.limits)} pages`);
  });
  module.tables.forEach(({ type, imported }, n) => {
    if (!imported) lines.push(`table[${n}] ${limits(type.limits)}`);
  });
  module.globals.forEach(({ type, mutable, imported }, n) => {
    if (!imported) lines.push(`global[${n}] ${mutable ? "mutable " : ""}${valueTypeName(type)}`);
  });
  return lines;
}

function limits({ minimum, maximum }: Limits): string {
  return `${minimum}..${maximum ?? ""}`;
}
