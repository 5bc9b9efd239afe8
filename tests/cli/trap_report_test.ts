/** `run` of a program that traps: text, JSON, and path mapping. */
import { deepStrictEqual, match, strictEqual } from "node:assert";
import { fileURLToPath } from "node:url";
import { trapline } from "./captured.ts";

const fixture = fileURLToPath(new URL("../debug/fixtures/inlined_dwarf4.wasm", import.meta.url));

Deno.test("run prints names and sources, with mapped paths", async () => {
  const { status, err } = await trapline(
    ...["run", "--map-path", "/src=/mapped", "--map-path", "/other=/x", "--invoke", "run"],
    ...[fixture, "7", "0"],
  );
  strictEqual(status, 134);
  match(err, /^trap: integer divide by zero/);
  match(err, /shapes::Box<int>::ratio\(\) const \(inlined\)\n +at \/mapped\/inlined\.cc:6:65\n/);
});

Deno.test("run --json prints the same as one object", async () => {
  const { status, out, err } = await trapline("run", "--json", "--invoke", "load", fixture, "-5");
  strictEqual(status, 134);
  strictEqual(out, "");
  const report = JSON.parse(err);
  strictEqual(report.kind, "memoryOutOfBounds");
  deepStrictEqual(report.frames[0].source, [
    { functionName: "load", file: "/src/inlined.cc", line: 25, column: 10, inlined: false },
  ]);
});

Deno.test("a mapping without an equals sign is refused", async () => {
  const { status, err } = await trapline("run", "--map-path", "/src", fixture);
  strictEqual(status, 2);
  match(err, /FROM=TO/);
});
