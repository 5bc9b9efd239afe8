/**
 * A thread that compiles functions for whatever target it is asked.
 *
 * @module
 */
import { InternalError } from "../lib/base/errors.ts";
import { serveCompileRequests, type WorkerScope } from "../lib/compile/parallel/serve.ts";
import { targets } from "./targets.ts";

serveCompileRequests(self as unknown as WorkerScope, async ({ target, featureBits, level }) => {
  const found = targets.find(({ name }) => name === target);
  if (found === undefined) throw new InternalError(`no target "${target}"`);
  const { isa, createCompiler } = await found.load();
  return createCompiler(isa.withFeatures(featureBits), { level });
});
