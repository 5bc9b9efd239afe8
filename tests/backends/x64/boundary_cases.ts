/**
 * Every machine row of the x64 table with operands at the edges: registers whose encoding is special,
 * each addressing shape, immediates around the widths of their fields. Shared by the tests.
 *
 * @module
 */
import { encode, table } from "../../../backends/x64/encoder.ts";
import { InstructionFields, XMM } from "../../../backends/x64/instruction_format.ts";

import { CodeBuffer } from "../../../lib/codegen/code_buffer.ts";

/** One encoded instruction. */
export interface BoundaryCase {
  readonly opcode: number;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly fields: InstructionFields;
}

const registers = [0, 4, 5, 8, 12, 13, 15];
const bases = [-1, 0, 3, 4, 5, 8, 12, 13];
const indices = [-1, 0, 1, 5, 8, 12, 13];
const displacements = [0, 1, -1, 127, 128, -128, -129, 0x12345, -0x80000000, 0x7fffffff];
const immediates = [0, 1, -1, 3, 127, 128, 255, -128, -129, 32767, -32768, 65536]
  .concat([0x7fffffff, -0x80000000]);

/** Registers of a width, as physical numbers. */
function physical(kind: number): number[] {
  return kind === XMM ? registers.map((r) => r + 32) : registers;
}

const buffer = new CodeBuffer();

/** Encodes one instruction alone. */
export function encodeOne(opcode: number, fields: InstructionFields): Uint8Array {
  buffer.reset([]);
  fields.label = buffer.createLabel();
  encode(buffer, opcode, fields);
  buffer.bind(fields.label as ReturnType<CodeBuffer["createLabel"]>);
  const { code, instructionBytes } = buffer.finish();
  return code.slice(0, instructionBytes);
}

/** Calls back with every boundary case of every machine row. */
export function boundaryCases(): BoundaryCase[] {
  const cases: BoundaryCase[] = [];
  table.names.forEach((name, opcode) => {
    if (table.asm[opcode] === "") return;
    const add = (change: Partial<InstructionFields>): void => {
      // Fields that the row does not have hold what the instruction before left there.
      const fields = Object.assign(new InstructionFields(), { base: 0, rm: 0, vex: 5 }, change);
      cases.push({ opcode, name, fields, bytes: encodeOne(opcode, fields) });
    };
    const has = (slots: Int8Array): boolean => (slots[opcode] as number) >= 0;
    const regs = has(table.regSlot) ? physical(table.regKind[opcode] as number) : [0];
    const rms = has(table.rmSlot) ? physical(table.rmKind[opcode] as number) : [0];
    const vexes = has(table.vexSlot) ? physical(table.vexKind[opcode] as number) : [0];
    const low = table.immediateMin[opcode] as number, high = table.immediateMax[opcode] as number;
    const fitting = has(table.immediateSlot)
      ? immediates.filter((i) => i >= low && i <= high)
      : [0];
    const middle = fitting[fitting.length >> 1] as number;
    const conditions = has(table.conditionSlot) ? [...Array(16).keys()] : [0];
    for (const reg of regs) {
      for (const rm of rms) add({ reg, rm, immediate: middle, condition: 4 });
    }
    for (const vex of vexes) add({ vex, reg: regs[2], rm: rms[1], immediate: middle });
    for (const condition of conditions) add({ reg: regs[0], rm: rms[3], condition });
    for (const immediate of fitting) {
      for (const rm of rms) add({ reg: regs[5], rm, immediate, immediateHigh: immediate ^ 5 });
    }
    if (has(table.targetSlot)) {
      const isShort = (table.immediateBytes[table.alternativeStart[opcode] as number]) === 1;
      for (const immediate of isShort ? [0, 127, -128] : displacements) add({ immediate });
    }
    if (has(table.memorySlot)) {
      for (const base of bases) {
        for (const displacement of displacements) {
          add({ base, displacement, reg: regs[1], immediate: middle });
          for (const index of base === 3 || displacement === 0 ? indices : [1]) {
            const scale = (index + base + displacement) & 3;
            add({ base, index, scale, displacement, reg: regs[6], immediate: middle });
          }
        }
      }
    }
  });
  return cases;
}
