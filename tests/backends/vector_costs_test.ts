/** The table in `docs/simd.md` is what `deno task docs:simd` would write. */
import { strictEqual } from "node:assert/strict";
import { backends } from "../../backends/mod.ts";
import { costDocument, costTable, tableIn } from "./vector_costs.ts";

Deno.test("the document says what vector instructions cost", async () => {
  const text = await Deno.readTextFile(costDocument);
  strictEqual(tableIn(text), await costTable(backends), "`deno task docs:simd` updates the table");
});
