/**
 * wazero's optimising compiler, by its command line: what `wazero compile` takes for a module, less what
 * it takes for an empty one. It compiles for this machine, on one thread.
 *
 * @module
 */
import { isInstalled, runChild } from "../child.ts";
import { median } from "../statistics.ts";
import { hostTarget, lastLine, type Peer, type PeerFigures, type PeerJob, skip } from "./peer.ts";

const emptyModule = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** wazero. */
export const wazero: Peer = {
  name: "wazero",
  async measure(job: PeerJob): Promise<readonly PeerFigures[]> {
    const program = await findWazero();
    if (program === undefined) {
      return [skip("wazero", "there is no wazero on the path, nor in Go's folder of programs")];
    }
    const empty = `${job.scratch}/empty.wasm`;
    await Deno.writeFile(empty, emptyModule);
    const times: number[] = [];
    for (let n = 0; n < job.repeat; n++) {
      const nothing = await runChild([program, "compile", empty]);
      const whole = await runChild([program, "compile", job.wasmPath]);
      if (whole.status !== 0) return [skip("wazero", lastLine(whole.stderr))];
      times.push(Math.max(0, whole.ms - nothing.ms));
    }
    return [{
      peer: "wazero",
      target: hostTarget,
      compileMs: median(times),
      compileCpuMs: null,
      codeBytes: null,
      runMs: null,
    }];
  },
};

async function findWazero(): Promise<string | undefined> {
  if (await isInstalled(["wazero", "version"])) return "wazero";
  try {
    const { stdout } = await runChild(["go", "env", "GOPATH"]);
    const program = `${stdout.trim()}/bin/wazero`;
    return await isInstalled([program, "version"]) ? program : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
