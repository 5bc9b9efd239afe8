/**
 * The sections that the loader reads; any others serve linkers, debuggers and people.
 *
 * @module
 */

/** Names of the sections that `run` reads. */
export const SectionName = {
  text: ".text",
  hash: ".note.gnu.build-id",
  info: ".trapline.info",
  functions: ".trapline.functions",
  traps: ".trapline.traps",
  addressMap: ".trapline.addrmap",
  module: ".trapline.module",
} as const;
/** Bytes of the note before the hash: three lengths and the name `GNU`. */
export const HASH_OFFSET = 16;
/** Bytes of a SHA-256. */
export const HASH_BYTES = 32;
