/**
 * `deno task test:large`: a function of more than 128 MiB on aarch64, whose branches and calls reach
 * no further. It takes some minutes and 5 GiB of memory.
 */
import { backendByName } from "../../backends/mod.ts";
import type { Backend } from "../../lib/runtime/backend.ts";
import { checkLarge, compileLarge } from "./check.ts";
import { largeModule } from "./large_module.ts";

const MIB = 1 << 20;
const backend = backendByName("aarch64") as Backend;
const bytes = largeModule({ functions: 1, pairs: 2_400_000, calls: 1 });
const module = compileLarge(backend, bytes);
const size = module.code.text.length / MIB;
if (size < 130) throw new Error(`the text has only ${size.toFixed(0)} MiB`);
await checkLarge(backend, module, { bytes, depth: 0 });
// deno-lint-ignore no-console -- the suite's report
console.log(`1 passed, 0 failed: a function of ${size.toFixed(0)} MiB`);
