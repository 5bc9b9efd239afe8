/**
 * `trapline --version`: the version, the targets with their CPU features, and the emulator's library.
 *
 * @module
 */
import { VERSION } from "../base/version.ts";
import { featureNames } from "../codegen/features.ts";
import { describeUnicorn, openUnicorn } from "../executor/unicorn/library.ts";
import { type Environment, Status } from "./environment.ts";

/** Prints it and returns the exit status. */
export async function version(environment: Environment): Promise<number> {
  environment.out(`trapline ${VERSION}\n`);
  for (const target of environment.targets) {
    const { isa } = await target.loadRuntime();
    const features = featureNames(isa.features, isa.featureBits).join(", ");
    const suffix = features === "" ? "" : `, with ${features}`;
    environment.out(`${target.name} (${target.triple}${suffix})\n`);
  }
  const library = await openUnicorn({ offline: true }).catch(() => undefined);
  environment.out(library === undefined ? "no Unicorn found\n" : `${describeUnicorn(library)}\n`);
  return Status.ok;
}
