/**
 * The type of opcode numbers, by itself: what only passes opcodes on need not know the table.
 *
 * @module
 */
import type { Handle } from "../base/handle.ts";

/** An IR opcode's number: a row of the table in `ops.ts`. */
export type Op = Handle<"op">;
