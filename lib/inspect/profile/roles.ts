/**
 * What a single instruction does, told from its text, for all instruction sets alike. As in
 * `instruction_text.ts`, it serves people's understanding of code, never the code itself.
 *
 * @module
 */
import {
  endsBlock,
  isCall,
  type MemoryOperand,
  type ParsedText,
  parseMemory,
} from "../../snapshot/instruction_text.ts";

/** What an instruction does. */
export type Role =
  | "load"
  | "store"
  | "move"
  | "constant"
  | "compare"
  | "conditional branch"
  | "jump"
  | "indirect jump"
  | "call"
  | "return"
  | "trap"
  | "compute";

/** An instruction's role, and the memory that it accesses. */
export interface Instruction extends ParsedText {
  readonly role: Role;
  /** The memory that a load or a store accesses, undefined where its address has no base. */
  readonly memory: MemoryOperand | undefined;
}

const trap = /^(?:ud2|udf|unimp|ebreak|brk)$/;
const conditionalBranch =
  /^(?:j(?!mp$|al|alr|r$)[a-z]+|b\.[a-z]+|[ct]bn?z|b(?:eq|ne|lt|ge)[uz]?|bltu|bgeu)$/;
const compare = /^(?:cmp|cmn|tst|test|bt|f?ccmp|fcmpe?|v?u?comis[sd])$/;
/** Of the load-store architectures; the others name what they store to first. */
const loadOnly = /^(?:ld[a-z0-9]*|l[bhwd]u?|fl[wd])$/;
const storeOnly = /^(?:st[a-z0-9]*|s[bhwd]|fs[wd])$/;
const moveMnemonic = /^(?:mov|mv|mova?ps|movapd|movdqa|movq|movd|fmov|fmv\.[sd])$/;
const constantMnemonic = /^(?:mov|movabs|movz|movn|movk|movi|mvni|fmov|li|lui|auipc|adrp?)$/;
const sameOperands = /^(?:p?xorp?[sd]?|pcmpeq[bdw])$/;
const immediate = /^#?[-+]?(?:0x[0-9a-f]+|\d+(?:\.\d+)?(?:e[-+]?\d+)?)$/i;
const returnAddress = /^(?:ra|x1)$/;

/** Tells the role of an instruction. */
export function roleOf(parsed: ParsedText): Instruction {
  const { mnemonic, operands } = parsed;
  const at = operands.findIndex(isMemory);
  // `!` says that the address is written back to its base.
  const memory = at < 0 ? undefined : parseMemory((operands[at] as string).replace(/!$/, ""));
  return {
    ...parsed,
    role: roleOfParsed(parsed, at),
    memory: mnemonic === "lea" ? undefined : memory,
  };
}

function isMemory(operand: string): boolean {
  return operand.includes("[") || /\(\w+\)$/.test(operand);
}

function roleOfParsed(parsed: ParsedText, memoryAt: number): Role {
  const { mnemonic, operands } = parsed;
  const [first = "", second = ""] = operands;
  if (trap.test(mnemonic)) return "trap";
  if (isReturn(parsed)) return "return";
  if (isCall(parsed)) return "call";
  if (endsBlock(parsed)) {
    const goesAnywhere = memoryAt >= 0 || /^(?:br|jr)$/.test(mnemonic) ||
      (mnemonic === "jmp" && /^r[a-z0-9]+$/.test(first));
    return goesAnywhere ? "indirect jump" : "jump";
  }
  if (conditionalBranch.test(mnemonic)) return "conditional branch";
  if (memoryAt >= 0 && mnemonic !== "lea") return accessOf(parsed, memoryAt);
  // A constant behind the code, of which the text names only the place.
  if (/^ldr/.test(mnemonic)) return "constant";
  if (compare.test(mnemonic)) return "compare";
  if (operands.length === 2 && sameOperands.test(mnemonic) && first === second) return "constant";
  if (constantMnemonic.test(mnemonic) && !isRegister(second)) return "constant";
  if (mnemonic === "addi" && second === "zero") return "constant";
  if (isMove(parsed)) return "move";
  return "compute";
}

function accessOf({ mnemonic, operands }: ParsedText, memoryAt: number): Role {
  if (/\b(?:rip|pc)\b/.test(operands[memoryAt] as string)) return "constant";
  if (loadOnly.test(mnemonic) || mnemonic === "push") return "load";
  if (storeOnly.test(mnemonic) || mnemonic === "pop") return "store";
  if (compare.test(mnemonic)) return "load";
  return memoryAt === 0 ? "store" : "load";
}

function isReturn({ mnemonic, operands }: ParsedText): boolean {
  return mnemonic === "ret" || (mnemonic === "jr" && returnAddress.test(operands[0] ?? "")) ||
    (mnemonic === "jalr" && operands[0] === "zero" && /\bra\b/.test(operands.slice(1).join()));
}

function isRegister(operand: string): boolean {
  return operand !== "" && !immediate.test(operand) && /^[a-z]/.test(operand);
}

function isMove({ mnemonic, operands }: ParsedText): boolean {
  const [, second = "", third] = operands;
  if (mnemonic === "xchg") return true;
  if (/^fsgnj\.[sd]$/.test(mnemonic)) return second === third;
  return operands.length === 2 && moveMnemonic.test(mnemonic) && isRegister(second);
}

/** Whether an instruction reads the flags that a comparison sets, and does not branch. */
export function usesFlags({ mnemonic }: ParsedText): boolean {
  return /^(?:set[a-z]+|cmov[a-z]+|f?csel|cset|csetm|csinc|csinv|csneg|cinc|cinv|cneg|adc|sbb|rcl|rcr)$/
    .test(mnemonic);
}
