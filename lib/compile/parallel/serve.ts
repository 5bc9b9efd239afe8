/**
 * What a worker of a `CompilePool` does.
 *
 * @module
 */
import { translateModule } from "../../translate/module.ts";
import { CompileInputs } from "../compile_inputs.ts";
import type { Compiler } from "../compiler.ts";
import type { CompileRequest, CompileResponse, CompileSettings } from "./compile_pool.ts";
import { packOutputs } from "./output_pack.ts";
import { describeError, work } from "./work.ts";
import { WorkList } from "./work_list.ts";

/** What a worker needs of its global scope. */
export interface WorkerScope {
  onmessage: ((event: MessageEvent<CompileRequest>) => unknown) | null;
  postMessage(message: CompileResponse, transfer: Transferable[]): void;
}

/**
 * Answers requests as they come.
 * @param createCompiler loads an instruction set and makes a compiler for it
 */
export function serveCompileRequests(
  scope: WorkerScope,
  createCompiler: (settings: CompileSettings) => Promise<Compiler>,
): void {
  const compilers = new Map<string, Promise<Compiler>>();
  scope.onmessage = async ({ data: { bytes, settings, list } }) => {
    const key = JSON.stringify(settings);
    const loading = compilers.get(key) ?? createCompiler(settings);
    compilers.set(key, loading);
    const compiler = await loading;
    // The thread that asks has validated it.
    const translation = translateModule(bytes, { isValid: true });
    const { inputs } = CompileInputs.fromModule(translation);
    const { outputs, failure } = work(compiler, inputs, WorkList.share(list));
    const pack = packOutputs(outputs);
    const response = {
      pack,
      ...(failure && { failure: { job: failure.job, error: describeError(failure.error) } }),
    };
    scope.postMessage(response, [pack.cells.buffer, pack.code.buffer]);
  };
}
