/**
 * The files that a program is made of, before they are put into one.
 *
 * @module
 */

/** A file of the program; all lie in one folder. */
export interface ProgramFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Files in an order that depends on their names alone. */
export function inOrder(files: readonly ProgramFile[]): ProgramFile[] {
  return files.toSorted((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
