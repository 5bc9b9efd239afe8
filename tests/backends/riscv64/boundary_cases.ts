/** Every machine row with boundary operands, as bytes and as the text of its full form. */
import { encode, table } from "../../../backends/riscv64/encoder.ts";
import { createFields, Field, type Fields } from "../../../backends/riscv64/instruction_format.ts";
import { print } from "../../../backends/riscv64/disassembler.ts";
import { opcodeNames, Rounding } from "../../../backends/riscv64/instructions.ts";
import { CodeBuffer } from "../../../lib/codegen/code_buffer.ts";

/** One instruction. */
export interface BoundaryCase {
  readonly name: string;
  readonly opcode: number;
  readonly fields: Fields;
  readonly bytes: Uint8Array;
  /** The text of the row in 32 bits; the target of a branch is its distance. */
  readonly fullText: string;
}

const buffer = new CodeBuffer();

/** The bytes of one instruction. */
export function encodeOne(opcode: number, fields: Fields, isCompressed = true): Uint8Array {
  buffer.reset([]);
  encode(buffer, opcode, fields.slice(), isCompressed);
  return buffer.finish().code;
}

const registerChoices: readonly (readonly [number, number, number])[] = [
  [0, 0, 0],
  [1, 1, 2],
  [2, 2, 8],
  [8, 8, 15],
  [15, 9, 15],
  [10, 2, 11],
  [7, 7, 16],
  [31, 30, 31],
  [16, 0, 5],
  [0, 1, 0],
  [12, 12, 12],
];

/** Immediates at and around the limits of a row and of its compressed forms. */
function immediates(opcode: number): number[] {
  if (table.hasImmediate[opcode] === 0) return [0];
  const found = new Set<number>([0, 1, -1]);
  const forms = [opcode];
  for (
    let form = table.compressedStart[opcode] as number;
    form < (table.compressedStart[opcode + 1] as number);
    form++
  ) forms.push(form);
  for (const form of forms) {
    const min = table.immediateMin[form] as number, max = table.immediateMax[form] as number;
    const unit = (table.immediateZeros[form] as number) + 1;
    const largest = max - (max & unit - 1);
    for (const i of [min - unit, min, unit, -unit, largest, largest + unit]) found.add(i);
  }
  const min = table.immediateMin[opcode] as number, max = table.immediateMax[opcode] as number;
  const zeros = table.immediateZeros[opcode] as number;
  return [...found].filter((i) => i >= min && i <= max && (i & zeros) === 0);
}

/** All cases. */
export function boundaryCases(): BoundaryCase[] {
  const cases: BoundaryCase[] = [];
  for (const [opcode, name] of opcodeNames.entries()) {
    if (table.isMachine[opcode] === 0) continue;
    const modes = table.modePosition[opcode] === -1 ? [0] : Object.values(Rounding);
    for (const [d, s, t] of registerChoices) {
      for (const i of immediates(opcode)) {
        for (const m of modes) {
          const fields = createFields();
          fields[Field.d] = d;
          fields[Field.s] = s;
          fields[Field.t] = t;
          fields[Field.i] = i;
          fields[Field.m] = m;
          const fullText = print(opcode, fields).replace("{target}", `.+${i}`);
          cases.push({ name, opcode, fields, bytes: encodeOne(opcode, fields), fullText });
        }
      }
    }
  }
  return cases;
}
