/**
 * `trapline --version`: the version, the targets with their CPU features, and the emulator's library.
 *
 * @module
 */
import { VERSION } from "../base/version.ts";
import { describeUnicorn, openUnicorn } from "../executor/unicorn/library.ts";
import { type Environment, Status } from "./environment.ts";

/** Prints it and returns the exit status. */
export async function version(environment: Environment): Promise<number> {
  environment.out(`trapline ${VERSION}\n`);
  for (const target of environment.targets) {
    const { isa } = await target.loadRuntime();
    const features = isa.features === undefined ? "" : `, with ${isa.features.join(", ")}`;
    environment.out(`${target.name} (${target.triple}${features})\n`);
  }
  const library = await openUnicorn({ offline: true }).catch(() => undefined);
  environment.out(library === undefined ? "no Unicorn found\n" : `${describeUnicorn(library)}\n`);
  return Status.ok;
}
