/**
 * Reads goldens back: their counts, and the code of each symbol. It understands what
 * `golden.ts` writes, of this format and of earlier ones, and takes what it does not know as text.
 *
 * @module
 */

/** Sizes of a golden. */
export interface GoldenCounts {
  readonly bytes: number;
  readonly instructions: number;
}

/** An instruction as a golden shows it. */
export interface GoldenLine {
  /** The whole line. */
  readonly line: string;
  /** Mnemonic and operands; a function that has a name is called by it, not by its number. */
  readonly text: string;
  /** The trap that it may raise, empty for none. */
  readonly trap: string;
  /** Whether the linker fills in a part of it. */
  readonly isRelocated: boolean;
  readonly isData: boolean;
}

/** A function or trampoline of a golden. */
export interface GoldenSymbol {
  /** What it is matched by: its name where it has one, because numbers move. */
  readonly key: string;
  /** `wasm[0]::function[1] "fib"`. */
  readonly title: string;
  readonly bytes: number;
  readonly instructions: number;
  readonly lines: readonly GoldenLine[];
  /** The digest that a trampoline has instead of lines, empty for others. */
  readonly digest: string;
  /** All of its lines, title included. */
  readonly text: string;
}

/** Sizes of all symbols of a golden together; padding, which depends on neighbours, is left out. */
export function goldenCounts(golden: string): GoldenCounts {
  const bytes = goldenSymbols(golden).reduce((sum, symbol) => sum + symbol.bytes, 0);
  return { bytes, instructions: Number(golden.match(/^counts: .*?(\d+) instructions/m)?.[1] ?? 0) };
}

/** The functions and trampolines of a golden, in order. */
export function goldenSymbols(golden: string): GoldenSymbol[] {
  const symbols: GoldenSymbol[] = [];
  for (const title of ["code", "trampolines"]) {
    const section = golden.match(
      new RegExp(`^${title}:\\n([\\s\\S]*?)(?=^\\w+:$|(?![\\s\\S]))`, "m"),
    );
    for (const block of (section?.[1] ?? "").split("\n\n")) {
      const lines = block.split("\n").filter((line) => line !== "");
      const titles = lines.filter((line) => /^ {2}\S.* size=\d+ /.test(line));
      const code = lines.filter((line) => !titles.includes(line));
      for (const line of titles) symbols.push(readSymbol(line, code));
    }
  }
  return withUniqueKeys(symbols);
}

/** Several functions may have one name: the second of them is matched with the second. */
function withUniqueKeys(symbols: readonly GoldenSymbol[]): GoldenSymbol[] {
  const seen = new Map<string, number>();
  return symbols.map((symbol) => {
    const n = (seen.get(symbol.key) ?? 0) + 1;
    seen.set(symbol.key, n);
    return n === 1 ? symbol : { ...symbol, key: `${symbol.key} (${n})` };
  });
}

function readSymbol(title: string, code: readonly string[]): GoldenSymbol {
  const [, name, quoted] = title.match(/^ {2}(\S+)(?: ("(?:[^"\\]|\\.)*"))?/) as unknown as [
    string,
    string,
    string?,
  ];
  const lines = code.map(readLine).filter((line) => line !== undefined);
  return {
    key: quoted === undefined ? name : `${name.replace(/\[\d+\]$/, "")} ${quoted}`,
    title: quoted === undefined ? name : `${name} ${quoted}`,
    bytes: Number(title.match(/ size=(\d+) /)?.[1] ?? 0),
    instructions: lines.filter(({ isData }) => !isData).length,
    lines,
    digest: title.match(/ sha256=(\w+)$/)?.[1] ?? "",
    text: [title, ...code].join("\n") + "\n",
  };
}

/** An instruction or data line; undefined for a label. */
function readLine(line: string): GoldenLine | undefined {
  const match = line.match(
    /^ {4}[0-9a-f]{4,} {2}([0-9a-f.]{2}(?: [0-9a-f.]{2})*) {2,}(.*)$/,
  );
  if (match === null) return undefined;
  const [, bytes, rest] = match as unknown as [string, string, string];
  const semicolon = rest.indexOf(" ; ");
  const text = (semicolon < 0 ? rest : rest.slice(0, semicolon)).trim();
  const remarks = semicolon < 0 ? "" : rest.slice(semicolon + 3);
  const isData = /^\.(?:data|word)\b/.test(text);
  return {
    line,
    // Data says nothing but its bytes; the words of a jump table are labels.
    text: text === ".data" ? `.data ${bytes}` : text.replace(/\S+::function\[\d+\] (?=")/g, ""),
    trap: remarks.match(/(?:^| )trap=(\S+)/)?.[1] ?? "",
    isRelocated: bytes.includes("."),
    isData,
  };
}
