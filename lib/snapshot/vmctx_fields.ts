/**
 * Names what an instruction loads or stores when that is part of the vmctx or of a record that the
 * vmctx points to: `vmctx.memory[0].base`, `table[0].length`, `funcref.type_id`.
 *
 * It follows, through the control flow of one symbol, which registers and stack slots hold such an
 * address. A place that cannot be followed has no name; it never has a wrong one, because whatever
 * may write a register makes it unknown.
 *
 * @module
 */
import type { RegisterFile } from "../codegen/isa.ts";
import { CompileKind } from "../compile/compile_key.ts";
import type { CodeSymbol } from "../link/code_object.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import {
  SLOT_BYTES,
  VMCONTEXT_BUILTIN_GATE,
  VMFuncRef,
  VMFunctionImport,
  VMHostContext,
  VMMemoryImport,
  VMTableImport,
} from "../translate/vmctx.ts";
import {
  endsBlock,
  isCall,
  type MemoryOperand,
  type ParsedText,
  parseMemory,
  parseText,
  wholeRegister,
} from "./instruction_text.ts";

/** An instruction as the analysis sees it. */
export interface FlowInstruction {
  /** In the symbol. */
  readonly offset: number;
  /** Mnemonic and operands. */
  readonly text: string;
  /** Offset in the symbol that it may branch to. */
  readonly target: number | undefined;
  /** Whether the linker decides where it goes: a call. */
  readonly isRelocated: boolean;
}

/** A field: what it is called, and what its value points to. */
interface Field {
  readonly name: string;
  readonly pointsTo?: string;
}

/** By location (a register's or stack slot's text), what it points to. */
type State = Map<string, string>;

/**
 * Per instruction, the name of the field that it accesses, or an empty text.
 * @param jumpTargets where the symbol's indirect jumps may go
 */
export function fieldNames(
  translation: ModuleTranslation,
  registers: RegisterFile,
  symbol: CodeSymbol,
  code: readonly FlowInstruction[],
  jumpTargets: readonly number[],
): string[] {
  const names: string[] = new Array(code.length).fill("");
  const [vmctxRegister] = registers.intParams;
  if (vmctxRegister === undefined || code.length === 0) return names;
  const fields = fieldsOf(translation);
  const texts = code.map(({ text }) => parseText(text));
  const preserved = registers.names.filter((_, r) =>
    r < 32 && (registers.preservedInt >>> r & 1) === 1
  );
  const integers = new Set(registers.names.slice(0, 32).filter((name) => name !== ""));
  const positions = new Map(code.map(({ offset }, n) => [offset, n]));
  const jumps = jumpTargets.map((offset) => positions.get(offset) ?? -1).filter((n) => n >= 0);
  const entry: State = new Map([[
    registers.names[vmctxRegister] as string,
    symbol.key.kind === CompileKind.wasmToArrayTrampoline ? "host" : "vmctx",
  ]]);
  const states: (State | undefined)[] = new Array(code.length).fill(undefined);
  states[0] = entry;
  const work = [0];
  for (let start = work.pop(); start !== undefined; start = work.pop()) {
    const state: State = new Map(states[start]);
    for (let n = start; n < code.length; n++) {
      const instruction = code[n] as FlowInstruction, text = texts[n] as ParsedText;
      names[n] = step(state, text, instruction.isRelocated, { fields, preserved, integers });
      const target = instruction.isRelocated || instruction.target === undefined
        ? undefined
        : positions.get(instruction.target);
      if (target !== undefined && merge(states, target, state)) work.push(target);
      if (endsBlock(text)) {
        if (target === undefined) {
          for (const jump of jumps) if (merge(states, jump, state)) work.push(jump);
        }
        break;
      }
      // The next instruction may be reached from elsewhere, and knows no more than all agree on.
      if (n + 1 < code.length && states[n + 1] !== undefined) {
        if (merge(states, n + 1, state)) work.push(n + 1);
        break;
      }
      if (n + 1 < code.length) states[n + 1] = new Map(state);
    }
  }
  return names;
}

/** Intersects the state before an instruction with another; tells whether it changed. */
function merge(states: (State | undefined)[], at: number, incoming: State): boolean {
  const known = states[at];
  if (known === undefined) {
    states[at] = new Map(incoming);
    return true;
  }
  let changed = false;
  for (const [location, value] of known) {
    if (incoming.get(location) === value) continue;
    known.delete(location);
    changed = true;
  }
  return changed;
}

interface Knowledge {
  readonly fields: FieldTable;
  /** Names of the registers that a call preserves. */
  readonly preserved: readonly string[];
  /** Names of the integer registers: all 64 bits of them. */
  readonly integers: ReadonlySet<string>;
}

/** Executes one instruction on the state and returns the name of what it accesses. */
function step(
  state: State,
  parsed: ParsedText,
  isRelocated: boolean,
  { fields, preserved, integers }: Knowledge,
): string {
  const { mnemonic, operands } = parsed;
  const [first = "", second = ""] = operands;
  let field: Field | undefined;
  for (const operand of operands) {
    const memory = parseMemory(operand);
    if (memory !== undefined) field = fields.find(state.get(memory.base), memory);
  }
  if (isCall(parsed) || isRelocated) {
    for (const location of [...state.keys()]) {
      if (!preserved.includes(location) && !isSlot(location)) state.delete(location);
    }
  } else if (operands.length === 2 && isMove(mnemonic)) {
    // Stores of the load-store architectures name the source first.
    const isStore = /^s[dt]/.test(mnemonic);
    const from = isStore ? first : second, to = isStore ? second : first;
    const value = isSlot(from) || integers.has(from)
      ? state.get(from) ?? (parseMemory(from) === undefined ? undefined : field?.pointsTo)
      : parseMemory(from) === undefined
      ? undefined
      : field?.pointsTo;
    const isNarrow = !integers.has(to) && parseMemory(to) === undefined;
    const location = parseMemory(to) === undefined ? wholeRegister(to) : to;
    if (value === undefined || isNarrow) state.delete(location);
    else if (isSlot(to) || parseMemory(to) === undefined) state.set(location, value);
  } else {
    // An index is added to the base of a table where no memory operand can do it; with two operands
    // the first is read as well.
    const added = operands.slice(operands.length === 2 ? 0 : 1);
    const base = mnemonic === "add"
      ? added.map((operand) => state.get(operand)).find((v) => v?.endsWith("].base"))
      : undefined;
    forget(state, parsed);
    if (base?.startsWith("table") && integers.has(first)) state.set(first, base);
  }
  return field?.name ?? "";
}

/** Removes what an instruction of any other kind may write. */
function forget(state: State, { mnemonic, operands }: ParsedText): void {
  if (/^(?:i?mul|i?div|cqo|cdq)/.test(mnemonic)) {
    state.delete("rax");
    state.delete("rdx");
  }
  if (/^(?:stp|push|sub|add|leave)/.test(mnemonic) && /^stp|sp\b/.test(`${mnemonic} ${operands}`)) {
    for (const location of [...state.keys()]) if (isSlot(location)) state.delete(location);
  }
  if (/^(?:st[rpu]|s[bhwd]$|fs[wd]$)/.test(mnemonic)) return;
  const written = /^(?:ld\w*p|xchg|swp)/.test(mnemonic) ? 2 : 1;
  for (const operand of operands.slice(0, written)) {
    state.delete(parseMemory(operand) === undefined ? wholeRegister(operand) : operand);
  }
}

function isMove(mnemonic: string): boolean {
  return /^(?:mov|mv|ldr|ld|str|sd)$/.test(mnemonic);
}

/** Whether a text is a slot of the frame. */
function isSlot(text: string): boolean {
  return /(?:\[|\()(?:rbp|rsp|sp|fp|s0|x29)\b[^a-z]*(?:0x[0-9a-f]+)?[^a-z]*$/.test(text);
}

// ── The fields ──────────────────────────────────────────────────────────────────────────────────

class FieldTable {
  readonly #vmctx = new Map<number, Field>();
  readonly #translation: ModuleTranslation;

  constructor(translation: ModuleTranslation) {
    this.#translation = translation;
    const { module } = translation, { layout } = module, table = this.#vmctx;
    table.set(VMCONTEXT_BUILTIN_GATE, { name: "vmctx.builtin_gate" });
    module.types.forEach((_, n) => {
      table.set(layout.typeId(n), { name: `vmctx.type_id[${n}]` });
    });
    for (let n = 0; n < module.importedFunctions; n++) {
      const at = layout.importedFunction(n), name = `vmctx.import[${n}]`;
      table.set(at + VMFunctionImport.wasmCall, { name: `${name}.wasm_call` });
      table.set(at + VMFunctionImport.vmctx, { name: `${name}.vmctx` });
      table.set(at + VMFunctionImport.funcRef, { name: `${name}.funcref`, pointsTo: "funcref" });
    }
    for (let n = 0; n < module.importedGlobals; n++) {
      table.set(layout.importedGlobal(n), {
        name: `vmctx.global[${n}].cell`,
        pointsTo: `global[${n}]`,
      });
    }
    for (
      const [kind, count, at, record] of [
        ["memory", module.memories.length, (n: number) => layout.memory(n), VMMemoryImport],
        ["table", module.tables.length, (n: number) => layout.table(n), VMTableImport],
      ] as const
    ) {
      for (let n = 0; n < count; n++) {
        const name = `${kind}[${n}]`;
        table.set(at(n) + record.base, { name: `vmctx.${name}.base`, pointsTo: `${name}.base` });
        table.set(at(n) + record.definition, {
          name: `vmctx.${name}.definition`,
          pointsTo: `${name}.definition`,
        });
      }
    }
    for (let n = module.importedGlobals; n < module.globals.length; n++) {
      const at = layout.definedGlobal(n - module.importedGlobals);
      for (let word = 0; word < SLOT_BYTES; word += 4) {
        const suffix = word === 0 ? "" : `+${word}`;
        table.set(at + word, { name: `vmctx.global[${n}]${suffix}` });
      }
    }
    module.escapingFunctions.forEach((index, n) => {
      table.set(layout.funcRef(n), { name: `vmctx.funcref[${index}]`, pointsTo: "funcref" });
    });
  }

  /** The field at a memory operand whose base points to `what`. */
  find(what: string | undefined, memory: MemoryOperand): Field | undefined {
    const { displacement, isIndexed } = memory;
    if (what === undefined) return undefined;
    const element = what.match(/^(table\[(\d+)\])\.base$/);
    if (element !== null) {
      const type = this.#translation.module.tables[Number(element[2])];
      return { name: `${element[1]} element`, ...(type && { pointsTo: "funcref" }) };
    }
    if (isIndexed) return undefined;
    if (what === "vmctx") return this.#vmctx.get(displacement);
    if (what === "host") {
      return displacement === VMHostContext.gate ? { name: "host.gate" } : undefined;
    }
    if (what === "funcref") {
      const field = Object.entries(VMFuncRef).find(([key, at]) =>
        at === displacement && key !== "size"
      );
      return field && { name: `funcref.${snakeCase(field[0])}` };
    }
    if (what.endsWith(".definition") && displacement === 0) {
      return { name: what.replace(".definition", ".length") };
    }
    return what.startsWith("global[") && displacement === 0 ? { name: what } : undefined;
  }
}

const tables = new WeakMap<ModuleTranslation, FieldTable>();

function fieldsOf(translation: ModuleTranslation): FieldTable {
  let table = tables.get(translation);
  if (table === undefined) tables.set(translation, table = new FieldTable(translation));
  return table;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
