/**
 * `trapline setup`: finds the emulator's library, or fetches it.
 *
 * @module
 */
import { describeUnicorn, openUnicorn } from "../executor/unicorn/library.ts";
import { type Environment, Status } from "./environment.ts";

/** Makes the library available and says where it is. */
export async function setup(
  environment: Environment,
  options: { readonly offline?: boolean },
): Promise<number> {
  const library = await openUnicorn({
    offline: options.offline ?? false,
    report: (line) => environment.err(line + "\n"),
  });
  environment.out(describeUnicorn(library) + "\n");
  return Status.ok;
}
