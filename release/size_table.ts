/**
 * Where the bytes of a standalone program go, as a table.
 *
 * @module
 */

/** A file in a program. */
export interface Part {
  readonly name: string;
  /** As it is when the program runs. */
  readonly bytes: number;
  /** What it takes of the program's file. */
  readonly packedBytes: number;
}

/** Files that are smaller than this are one row. */
const LEAST_BYTES = 256 * 1024;

/** What is known of files by their names. */
const contents: Readonly<Record<string, string>> = {
  "deno": "the runtime",
  "wasm_opt.js": "Binaryen",
  "wasm-tools.core.wasm": "the text format's parser",
  "package.js": "demanglers",
};

/** The table, with a row for each large part and one for the others. */
export function sizeTable(parts: readonly Part[], total: number): string {
  const large = parts.filter(({ bytes }) => bytes >= LEAST_BYTES)
    .toSorted((a, b) => b.packedBytes - a.packedBytes);
  const small = parts.filter(({ bytes }) => bytes < LEAST_BYTES);
  const sum = (key: "bytes" | "packedBytes"): number =>
    small.reduce((all, part) => all + part[key], 0);
  const rows = [
    ...large.map(({ name, bytes, packedBytes }): [string, number, number] => {
      const base = name.slice(name.lastIndexOf("/") + 1);
      const what = contents[base] ?? (/unicorn/.test(base) ? "the emulator" : "");
      return [what === "" ? base : `${base} (${what})`, bytes, packedBytes];
    }),
    [`${small.length} others`, sum("bytes"), sum("packedBytes")] as const,
    ["all", parts.reduce((all, { bytes }) => all + bytes, 0), total] as const,
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const number = (value: number): string => value.toLocaleString("en").padStart(13);
  return [
    `${"".padEnd(width)}${"bytes".padStart(13)}${"in the file".padStart(13)}\n`,
    ...rows.map(([name, bytes, packed]) =>
      `${name.padEnd(width)}${number(bytes)}${number(packed)}\n`
    ),
  ].join("");
}
