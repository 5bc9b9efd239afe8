import assert from "node:assert/strict";
import { countChanges, unifiedDiff } from "../../lib/snapshot/diff.ts";

const names = { before: "a", after: "b" };

/** Applies a unified diff, so that the tests do not depend on which shortest script was chosen. */
function apply(before: string, diff: string): string {
  const source = before.split("\n");
  const out: string[] = [];
  let at = 0;
  for (const line of diff.split("\n").slice(2, -1)) {
    const header = line.match(/^@@ -(\d+),(\d+) \+\d+,\d+ @@$/);
    if (header !== null) {
      const start = Number(header[1]) - (header[2] === "0" ? 0 : 1);
      while (at < start) out.push(source[at++] as string);
    } else if (line[0] === "+") out.push(line.slice(1));
    else {
      assert.equal(line.slice(1), source[at]);
      if (line[0] === " ") out.push(source[at] as string);
      at++;
    }
  }
  return [...out, ...source.slice(at)].join("\n");
}

Deno.test("equal texts have no diff", () => {
  assert.equal(unifiedDiff("one\ntwo\n", "one\ntwo\n", names), "");
});

Deno.test("a diff shows the change with its context", () => {
  const before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
  const after = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n";
  assert.equal(
    unifiedDiff(before, after, names),
    "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n",
  );
});

Deno.test("distant changes have hunks of their own", () => {
  const lines = Array.from({ length: 30 }, (_, n) => `${n}`);
  const before = lines.join("\n") + "\n";
  const after = lines.map((l) => l === "3" || l === "25" ? l + "!" : l).join("\n") + "\n";
  const diff = unifiedDiff(before, after, names);
  assert.equal(diff.match(/^@@/gm)?.length, 2);
  assert.equal(apply(before, diff), after);
});

Deno.test("a text that appears, and one that disappears", () => {
  assert.equal(unifiedDiff("", "x\n", names), "--- a\n+++ b\n@@ -0,0 +1,1 @@\n+x\n");
  assert.equal(unifiedDiff("x\n", "", names), "--- a\n+++ b\n@@ -1,1 +0,0 @@\n-x\n");
});

Deno.test("random texts: the diff turns one into the other, in the fewest edits", () => {
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  for (let round = 0; round < 300; round++) {
    const text = (): string => Array.from({ length: random(12) }, () => `${random(4)}\n`).join("");
    const before = text(), after = text();
    if (before === after) continue;
    const diff = unifiedDiff(before, after, { ...names, context: random(3) });
    assert.equal(apply(before, diff), after);
    const { added, removed } = countChanges(before, after);
    const a = before.split("\n").slice(0, -1), b = after.split("\n").slice(0, -1);
    assert.equal(added + removed, a.length + b.length - 2 * longestCommon(a, b));
  }
});

function longestCommon(a: readonly string[], b: readonly string[]): number {
  const best = a.map(() => b.map(() => 0));
  const at = (i: number, j: number): number => best[i]?.[j] ?? 0;
  a.forEach((line, i) =>
    b.forEach((other, j) => {
      (best[i] as number[])[j] = line === other
        ? at(i - 1, j - 1) + 1
        : Math.max(at(i - 1, j), at(i, j - 1));
    })
  );
  return at(a.length - 1, b.length - 1);
}
