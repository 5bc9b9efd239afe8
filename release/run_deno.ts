/**
 * Runs the Deno that runs the build.
 *
 * @module
 */

/**
 * Runs it with arguments in a folder, and gives what it writes to standard output.
 * @param what is being done, for the message: `bundle`
 * @throws Error with what Deno says when it fails
 */
export async function runDeno(
  what: string,
  args: readonly string[],
  folder: string,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  // Where in Deno it failed is for nobody here.
  const said = decoder.decode(stderr).replace(/\n\s*Stack backtrace:[^]*$/, "").trim();
  throw new Error(`Cannot ${what}: ${said}`);
}
