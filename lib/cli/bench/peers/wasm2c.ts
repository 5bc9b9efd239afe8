/**
 * The practical limit: `wasm2c` and `gcc -O2`, for any target that a gcc is installed for.
 *
 * @module
 */
import { readElf } from "../../../object/elf_reader.ts";
import { isInstalled, runChild } from "../child.ts";
import { median, repeated } from "../statistics.ts";
import { hostTarget, lastLine, type Peer, type PeerFigures, type PeerJob, skip } from "./peer.ts";

interface CCompiler {
  readonly program: string;
  readonly flags: readonly string[];
}

/** By target. The flags for riscv64 let it access memory unaligned, as we do. */
const compilers: Readonly<Record<string, CCompiler>> = {
  x64: { program: "x86_64-linux-gnu-gcc", flags: [] },
  aarch64: { program: "aarch64-linux-gnu-gcc", flags: [] },
  riscv64: {
    program: "riscv64-linux-gnu-gcc",
    flags: ["-mtune=thead-c906", "-mno-strict-align"],
  },
};

/** wasm2c and gcc. */
export const wasm2c: Peer = {
  name: "wasm2c",
  async measure(job: PeerJob): Promise<readonly PeerFigures[]> {
    if (!await isInstalled(["wasm2c", "--version"])) {
      return [skip("wasm2c", "wasm2c is not installed")];
    }
    const found = await findCompiler(job.target) ?? await findCompiler(hostTarget);
    if (found === undefined) return [skip("wasm2c", "gcc is not installed")];
    const { target, compiler: { program, flags } } = found;
    const source = `${job.scratch}/wasm2c.c`, object = `${job.scratch}/wasm2c.o`;
    const compile = async (): Promise<number | string> => {
      const translated = await runChild([
        "wasm2c",
        "--module-name=peer",
        job.wasmPath,
        "-o",
        source,
      ]);
      if (translated.status !== 0) return lastLine(translated.stderr);
      const compiled = await runChild([program, ...flags, "-O2", "-c", source, "-o", object]);
      return compiled.status === 0 ? translated.ms + compiled.ms : lastLine(compiled.stderr);
    };
    const times = await repeated(job.repeat, compile);
    const failure = times.find((time) => typeof time === "string");
    if (failure !== undefined) return [skip("wasm2c", failure)];
    let codeBytes = 0;
    for (const [name, { bytes }] of readElf(await Deno.readFile(object)).sections) {
      if (/^\.text\b/.test(name)) codeBytes += bytes.length;
    }
    return [{
      peer: "wasm2c",
      target,
      compileMs: median(times as number[]),
      compileCpuMs: null,
      codeBytes,
      runMs: null,
    }];
  },
};

async function findCompiler(
  target: string,
): Promise<{ target: string; compiler: CCompiler } | undefined> {
  const compiler = compilers[target];
  if (compiler === undefined) return undefined;
  if (await isInstalled([compiler.program, "--version"])) return { target, compiler };
  if (target !== hostTarget || !await isInstalled(["gcc", "--version"])) return undefined;
  return { target, compiler: { ...compiler, program: "gcc" } };
}
