import assert from "node:assert/strict";
import { commentLines } from "../../lib/snapshot/case_lines.ts";
import { type Claim, parseClaims } from "../../lib/snapshot/claim.ts";
import { parseSettings } from "../../lib/snapshot/case_settings.ts";

const targets = ["x64", "riscv64", "aarch64"];
const parse = (source: string): Claim[] => parseClaims(commentLines(source), targets, "case");

Deno.test("comment lines: they belong to the function around or directly after them", () => {
  const source = `;; first
;; x64: no call
(module ;; not a line of its own
  (import "a" "(func" (func $i)) (func $j (import "a" "b"))
  (; ;; (func ;)

  ;; before
  ;; also before
  (func $f (param i32)
    ;; inside ")"
    (drop (local.get 0)))
  ;; the whole case

  (func (export "g") (result funcref)
    ;; inside g
    (block (result funcref) (ref.func $f)))
)
;; at the end`;
  assert.deepEqual(
    commentLines(source).map(({ line, text, functionIndex }) => [line, text, functionIndex]),
    [
      [1, "first", undefined],
      [2, "x64: no call", undefined],
      [7, "before", 2],
      [8, "also before", 2],
      [10, 'inside ")"', 2],
      [12, "the whole case", undefined],
      [15, "inside g", 3],
      [18, "at the end", undefined],
    ],
  );
});

Deno.test("claims: every form", () => {
  const claims = parse(
    `;; x64: no call, contains mul, 2 mov eax, <= 6 insns, < 7 bytes, >= 1 spill, > 0 jmp
;; all: no reload
;; riscv64 "a name": = 3 add*
;; x64 $f: 1 instruction`,
  );
  assert.deepEqual(claims.map(({ comparison, count, what }) => `${comparison} ${count} ${what}`), [
    "= 0 call",
    ">= 1 mul",
    "= 2 mov eax",
    "<= 6 insns",
    "< 7 bytes",
    ">= 1 spills",
    "> 0 jmp",
    "= 0 reloads",
    "= 3 add*",
    "= 1 insns",
  ]);
  assert.deepEqual(claims.slice(7).map(({ target, function: f }) => [target, f]), [
    [undefined, undefined],
    ["riscv64", "a name"],
    ["x64", "$f"],
  ]);
});

Deno.test("claims: prose is none, a slip of the pen is an error", () => {
  assert.deepEqual(
    parse(";; br_table: a few cases (compares), many.\n;; run: f(1) = 2\n;; No: never"),
    [],
  );
  assert.throws(() => parse(";; x64: few calls"), /at "case:1": "few calls" is not of the form/);
  assert.throws(() => parse("\n;; x86: <= 3 insns"), /at "case:2": there is no target "x86"/);
  // A target that this build lacks is no slip.
  assert.equal(parse(";; aarch64: no call").length, 1);
});

Deno.test("settings: how a case is compiled, and what its golden lists", () => {
  const parse = (...lines: string[]): unknown =>
    parseSettings(commentLines(lines.map((line) => `;; ${line}`).join("\n")), "case");
  const plain = { level: 1, ir: false, trampolines: false };
  assert.deepEqual(parse(), plain);
  assert.deepEqual(parse("show: ir, trampolines"), { ...plain, ir: true, trampolines: true });
  assert.deepEqual(parse("optimize: 0", "show: ir"), { ...plain, level: 0, ir: true });
  assert.deepEqual(parse("optimise: 1"), plain);
  assert.throws(() => parse("show: it"), /"it" is neither "ir" nor "trampolines"/);
  assert.throws(() => parse("optimize: 2"), /at "case:1": "2" is neither "0" nor "1"/);
  assert.throws(() => parse("optimize: 0", "optimize: 1"), /at "case:2": .* is given twice/);
});
