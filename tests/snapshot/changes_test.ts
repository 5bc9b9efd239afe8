import assert from "node:assert/strict";
import { changesAsMarkdown, changesAsText } from "../../lib/snapshot/change_report.ts";
import { compareGoldens, type GoldenChange } from "../../lib/snapshot/changes.ts";
import { goldenCounts, goldenSymbols } from "../../lib/snapshot/golden_text.ts";

/** A golden with these functions, each a list of lines `bytes | text | remark`. */
function golden(functions: Readonly<Record<string, readonly string[]>>): string {
  let index = 0, bytes = 0, instructions = 0;
  const blocks = Object.entries(functions).map(([name, code]) => {
    let offset = 0;
    const lines = code.map((line) => {
      const [digits, text, remark] = line.split("|").map((part) => part.trim()) as [
        string,
        string,
        string?,
      ];
      const at = offset.toString(16).padStart(4, "0");
      offset += digits.split(" ").length;
      instructions++;
      return `    ${at}  ${digits.padEnd(30)}  ${text}${remark ? ` ; ${remark}` : ""}`;
    });
    bytes += offset;
    return `  wasm[0]::function[${index++}] "${name}" () -> ()   size=${offset} no frame\n${
      lines.join("\n")
    }\n`;
  });
  return `format: trapline golden 3\ncounts: ${index} functions, 0 trampolines, ${bytes} bytes, ` +
    `${instructions} instructions, 0 relocations, 0 traps\n\ncode:\n${blocks.join("\n")}\n` +
    `trampolines:\n  none\n\nrelocations:\n  none\n`;
}

const base = {
  same: ["c3 | ret"],
  moved: ["eb 01 | jmp .L0", "90 | nop | +0001 nop", "c3 | ret"],
  renamed: ["8b c6 | mov eax, esi", "83 c0 01 | add eax, 1"],
  changed: ["8b c6 | mov eax, esi", "c3 | ret"],
  trap: ["0f 0b | ud2 | trap=unreachable"],
  callee: ['e8 .. .. .. .. | call wasm[0]::function[0] "same"'],
  gone: ["c3 | ret"],
};
const changed = {
  fresh: ["c3 | ret"],
  same: ["c3 | ret"],
  moved: ["e9 01 00 00 00 | jmp .L0", "90 | nop | +0007 nop", "c3 | ret"],
  renamed: ["44 8b c6 | mov r8d, esi", "83 c0 01 | add r8d, 1"],
  changed: ["8d 46 01 | lea eax, [rsi+1]", "c3 | ret"],
  trap: ["0f 0b | ud2 | trap=integer-overflow"],
  callee: ['e8 .. .. .. .. | call wasm[0]::function[2] "moved"'],
};
const names = { name: "case", target: "x64" };

Deno.test("changes: each function has its class, whatever its number is", () => {
  const { symbols } = compareGoldens(names, golden(base), golden(changed));
  const classes = Object.fromEntries(
    symbols.map((
      { change, before, after },
    ) => [(after ?? before)?.title.match(/"(.*)"/)?.[1], change]),
  );
  assert.deepEqual(classes, {
    fresh: "added",
    // Its number moved.
    same: "offsets moved",
    moved: "offsets moved",
    renamed: "registers renamed",
    changed: "instructions changed",
    trap: "traps or relocations changed",
    callee: "traps or relocations changed",
    gone: "removed",
  });
  const same = compareGoldens(names, golden(base), golden(base));
  assert(same.symbols.every(({ change }) => change === "identical"));
  assert(!same.isDifferent);
});

Deno.test("changes: a call by another number is the same call", () => {
  const before = golden({ f: ["c3 | ret"], g: ['e8 .. .. .. .. | call wasm[0]::function[0] "f"'] });
  const after = golden({
    new: ["90 | nop"],
    f: ["c3 | ret"],
    g: ['e8 .. .. .. .. | call wasm[0]::function[1] "f"'],
  });
  const { symbols } = compareGoldens(names, before, after);
  assert.deepEqual(symbols.map(({ change }) => change), [
    "added",
    "offsets moved",
    "offsets moved",
  ]);
});

Deno.test("changes: immediates, labels and operands that are no registers are instructions", () => {
  const pair = (a: string, b: string): string =>
    compareGoldens(names, golden({ f: [`90 | ${a}`] }), golden({ f: [`90 | ${b}`] })).symbols[0]
      ?.change as string;
  assert.equal(pair("add eax, 1", "add eax, 2"), "instructions changed");
  assert.equal(pair("jmp .L0", "jmp .L1"), "instructions changed");
  assert.equal(pair("mov eax, [rdi+8]", "mov ecx, [rsi+8]"), "registers renamed");
  assert.equal(pair("mov eax, [rdi+8]", "mov eax, [rdi+0x10]"), "instructions changed");
  assert.equal(pair("ld a0, 8(s1)", "ld t3, 8(a1)"), "registers renamed");
  assert.equal(pair("add x0, x1, #16", "add w9, w12, #16"), "registers renamed");
  assert.equal(pair("fadd d0, d1, d2", "fsub d0, d1, d2"), "instructions changed");
});

Deno.test("changes: the reports show what matters and count the rest", () => {
  const changes: GoldenChange[] = [
    compareGoldens(names, golden(base), golden(changed)),
    compareGoldens(
      { name: "other", target: "x64" },
      golden({ a: ["c3 | ret"] }),
      golden({ a: ["c3 | ret"] }),
    ),
    compareGoldens({ name: "new", target: "x64" }, undefined, golden({ a: ["c3 | ret"] })),
  ];
  const text = changesAsText(changes);
  assert.match(text, /instructions changed: .*"changed" {2}bytes 3 -> 4 \(\+1\), instructions 2\n/);
  assert.match(text, /^ {4}-mov eax, esi\n {4}\+lea eax, \[rsi\+1\]$/m);
  assert.match(text, /^ {2}1 registers renamed, 2 offsets moved$/m);
  assert(!text.includes("other"));
  assert.match(text, /^2 of 3 goldens changed, 0 of them by churn only; in all bytes /m);
  const markdown = changesAsMarkdown(changes);
  assert.match(markdown, /^\| `case` \| x64 \| \d+ \| \d+ \| \+\d+ \|/m);
  assert.match(markdown, /<summary>x64 <code>case<\/code>/);
  assert.match(markdown, /\| new case \|$/m);
  assert.match(changesAsMarkdown([]), /None: all 0 goldens are the same/);
});

Deno.test("changes: a long report leaves out diffs, and says so", () => {
  const many = (operand: number): string =>
    golden(Object.fromEntries(
      Array.from({ length: 900 }, (_, n) => [`f${n}`, [`90 | add eax, ${operand}`]]),
    ));
  const markdown = changesAsMarkdown([compareGoldens(names, many(1), many(2))]);
  assert(markdown.length < 65_536);
  assert.match(markdown, /\n\d+ further functions changed/);
});

Deno.test("changes: a table that is too long begins with what changed most", () => {
  const changes = Array.from({ length: 900 }, (_, n) => {
    const before = golden({ a: ["90 | add eax, 1", "c3 | ret"] });
    const after = n === 700
      ? golden({ a: ["90 | add eax, 2", "c3 | ret"] })
      : golden({ a: ["91 | add ecx, 1", "c3 | ret"] });
    return compareGoldens(
      { name: `case_with_a_rather_long_name_${n}`, target: "x64" },
      before,
      after,
    );
  });
  const markdown = changesAsMarkdown(changes);
  assert(markdown.length < 65_536, `${markdown.length} characters`);
  const rows = markdown.split("\n").filter((line) => line.startsWith("| `"));
  assert(rows.length > 300 && rows.length < 900);
  assert.match(rows[0] as string, /_700` .* 1 instructions changed \|$/);
  assert.match(
    markdown,
    new RegExp(`\n${900 - rows.length} further goldens changed; those above changed most\\.\n`),
  );
  assert.match(markdown, /\n900 of 900 goldens changed, 899 of them by churn only/);
});

Deno.test("changes: functions with one name are compared one by one", () => {
  const twice = (first: string, second: string): string =>
    golden({ a: [`90 | add eax, ${first}`], b: [`90 | add eax, ${second}`] })
      .replaceAll('"b"', '"a"');
  const { symbols } = compareGoldens(names, twice("1", "2"), twice("1", "3"));
  assert.deepEqual(symbols.map(({ change }) => change), ["identical", "instructions changed"]);
});

Deno.test("goldens are read back: those of this repository, all of their functions", async () => {
  const folder = new URL("../../snapshots/x64/", import.meta.url);
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".snap")) continue;
    const text = await Deno.readTextFile(new URL(name, folder));
    const [, functions, trampolines] = text.match(/^counts: (\d+) functions, (\d+) trampolines/m)!;
    const symbols = goldenSymbols(text);
    assert.equal(symbols.length, Number(functions) + Number(trampolines), name);
    const instructions = symbols.reduce((sum, symbol) => sum + symbol.instructions, 0);
    assert(
      instructions > 0 && instructions <= goldenCounts(text).instructions + symbols.length * 30,
    );
    for (const { digest, lines, title } of symbols) {
      assert(digest !== "" || lines.length > 0, title);
    }
  }
});
