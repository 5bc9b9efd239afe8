/**
 * Reads the text of disassembled instructions: operands, registers and memory operands, as all
 * three instruction sets write them (`[rdi+rcx*8+0x10]`, `[x0, #16]`, `16(a0)`). It serves the
 * remarks of listings and the classes of changes, never the code itself.
 *
 * @module
 */

/** A memory operand. */
export interface MemoryOperand {
  /** The base register, by the name of all of it. */
  readonly base: string;
  /** In bytes. */
  readonly displacement: number;
  /** Whether a second register is part of the address. */
  readonly isIndexed: boolean;
}

/** An instruction's text in parts. */
export interface ParsedText {
  readonly mnemonic: string;
  /** As written; a memory operand is one of them. */
  readonly operands: readonly string[];
}

const aliases = new Map<string, string>();
for (const letter of ["a", "b", "c", "d"]) {
  for (const form of [`e${letter}x`, `${letter}x`, `${letter}l`, `${letter}h`]) {
    aliases.set(form, `r${letter}x`);
  }
}
for (const name of ["si", "di", "sp", "bp"]) {
  for (const form of [`e${name}`, `${name}l`]) aliases.set(form, `r${name}`);
}
aliases.set("si", "rsi").set("di", "rdi");

/** What a register is called in listings; a word of an operand that this matches is a register. */
export const registerPattern: RegExp =
  /\b(?:r(?:[a-d]x|[sd]i|[sb]p)|e(?:[a-d]x|[sd]i|[sb]p)|[a-d][lhx]|[sd]il?|[sb]pl?|r\d{1,2}[dwb]?|xmm\d{1,2}|[xwvqdshb]\d{1,2}|[xw]zr|zero|[astf]\d{1,2}|f[ast]\d{1,2}|ra|fp|lr)\b/g;

/** The name of the whole register that a name stands for: `rax` for `eax`, `x3` for `w3`. */
export function wholeRegister(name: string): string {
  const alias = aliases.get(name);
  if (alias !== undefined) return alias;
  const numbered = name.match(/^(r\d+)[dwb]$/);
  if (numbered !== null) return numbered[1] as string;
  return name.replace(/^w(?=\d)/, "x");
}

/**
 * Splits an instruction's text; commas within brackets do not separate operands. The compressed form
 * of an instruction has the mnemonic of what it stands for: `c.ldsp` is `ld`.
 */
export function parseText(text: string): ParsedText {
  const space = text.indexOf(" ");
  if (space < 0) return { mnemonic: plain(text), operands: [] };
  const operands: string[] = [];
  let depth = 0, start = space + 1;
  for (let at = start; at < text.length; at++) {
    const c = text[at];
    if (c === "[" || c === "(") depth++;
    else if (c === "]" || c === ")") depth--;
    else if (c === "," && depth === 0) {
      operands.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  operands.push(text.slice(start).trim());
  return { mnemonic: plain(text.slice(0, space)), operands };
}

function plain(mnemonic: string): string {
  return mnemonic.startsWith("c.") ? mnemonic.slice(2).replace(/sp$/, "") : mnemonic;
}

/** The memory operand that an operand is, undefined when it is none or has no base register. */
export function parseMemory(operand: string): MemoryOperand | undefined {
  const offsetFirst = operand.match(/^(-?(?:0x[0-9a-f]+|\d+))?\((\w+)\)$/);
  if (offsetFirst !== null) {
    const displacement = Number(offsetFirst[1] ?? 0);
    return { base: offsetFirst[2] as string, displacement, isIndexed: false };
  }
  const inner = operand.match(/\[([^\]]*)\]$/)?.[1];
  if (inner === undefined) return undefined;
  const terms = inner.replace(/,\s*#?/g, "+").replaceAll("-", "+-").replaceAll("+-+", "+")
    .split("+");
  const [base, ...rest] = terms;
  if (base === undefined || !/^[a-z]\w*$/.test(base)) return undefined;
  let displacement = 0, isIndexed = false;
  for (const term of rest) {
    const value = term.startsWith("-") ? -Number(term.slice(1)) : Number(term);
    if (Number.isNaN(value)) isIndexed = true;
    else displacement += value;
  }
  return { base: wholeRegister(base), displacement, isIndexed };
}

/** Whether an instruction never goes on to the next one. */
export function endsBlock({ mnemonic, operands }: ParsedText): boolean {
  if (/^(?:jmp|ret|ud2|udf|unimp|ebreak|brk|b|br|j|jr)$/.test(mnemonic)) return true;
  return /^jal[r]?$/.test(mnemonic) && /^(?:zero|x0)$/.test(operands[0] ?? "");
}

/** Whether an instruction calls. */
export function isCall({ mnemonic, operands }: ParsedText): boolean {
  if (/^(?:call|bl|blr)$/.test(mnemonic)) return true;
  return /^jalr?$/.test(mnemonic) && !/^(?:zero|x0)$/.test(operands[0] ?? "");
}
