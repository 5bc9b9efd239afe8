/**
 * Tables for people: columns aligned, numbers to the right, groups of three digits.
 *
 * @module
 */

/** A column of a table over rows of type `Row`. */
export interface Column<Row> {
  /** One or more lines. */
  readonly title: string;
  /** The text of a cell. */
  readonly cell: (row: Row) => string;
  /** Texts stand left, numbers right. */
  readonly align: "left" | "right";
}

/** The table, ending in a newline. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const heads = columns.map(({ title }) => title.split("\n"));
  const headLines = Math.max(...heads.map((lines) => lines.length));
  const cells = [
    ...Array.from(
      { length: headLines },
      (_, n) => heads.map((lines) => lines[n - headLines + lines.length] ?? ""),
    ),
    ...rows.map((row) => columns.map(({ cell }) => cell(row))),
  ];
  const widths = columns.map((_, c) => Math.max(...cells.map((row) => (row[c] as string).length)));
  const lines = cells.map((row) =>
    row.map((text, c) => {
      const width = widths[c] as number;
      return columns[c]?.align === "left" ? text.padEnd(width) : text.padStart(width);
    }).join("  ").trimEnd()
  );
  return lines.join("\n") + "\n";
}

/** `12,345`, or `1.234` with so many decimals; a dash for what was not measured. */
export function formatNumber(value: number | null, decimals = 0): string {
  if (value === null) return "-";
  const [whole, fraction] = value.toFixed(decimals).split(".") as [string, string?];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
