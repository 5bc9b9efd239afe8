/**
 * How long V8's optimising compiler takes for a module: the peer that compile times are compared
 * with. It runs in a process of its own, on one thread, because the tier is chosen when V8 starts.
 *
 * @module
 */

/** Compiles eagerly with TurboFan only, on one thread, and never takes code from a cache. */
const flags = [
  "--no-liftoff",
  "--no-wasm-tier-up",
  "--no-wasm-lazy-compilation",
  "--single-threaded",
  "--no-wasm-native-module-cache",
];

/** Reads a module from standard input and prints the time of each compilation, in milliseconds. */
const script = `
const bytes = new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer());
for (let n = Number(Deno.args[0]); n >= 0; n--) {
  const start = performance.now();
  new WebAssembly.Module(bytes);
  console.log(performance.now() - start);
}`;

/**
 * The times of `repeat` compilations after a first one, undefined where V8 cannot be asked: in a
 * program that `deno compile` made, without permission to run Deno, or when V8 refuses the module.
 */
export async function measureV8(
  bytes: Uint8Array<ArrayBuffer>,
  repeat: number,
): Promise<number[] | undefined> {
  if (Deno.build.standalone) return undefined;
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-config", `--v8-flags=${flags.join()}`, script, String(repeat)],
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(bytes);
    await writer.close();
    const { success, stdout } = await child.output();
    if (!success) return undefined;
    const times = new TextDecoder().decode(stdout).trim().split("\n").map(Number);
    return times.length === repeat + 1 && !times.some(Number.isNaN) ? times.slice(1) : undefined;
  } catch {
    return undefined;
  }
}
