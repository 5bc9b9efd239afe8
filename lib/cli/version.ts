/**
 * `trapline --version`: the version, the targets with their CPU features, and the emulator's library.
 *
 * @module
 */
import { BUILD, VERSION } from "../base/version.ts";
import { featureNames } from "../codegen/features.ts";
import { containsUnicorn, describeUnicorn, openUnicorn } from "../executor/unicorn/library.ts";
import { type Environment, Status } from "./environment.ts";

/** How many digits of the build's hash name it. */
const BUILD_DIGITS = 12;

/** What is said of a program that carries Unicorn. */
const GPL_NOTICE = `This program contains Unicorn, which is under the GNU General Public License,
version 2: as a whole it is distributed under that licence, without any warranty.
Trapline's own code is MIT or Apache-2.0 (trapline license).
`;

/** Prints it and returns the exit status. */
export async function version(environment: Environment): Promise<number> {
  const build = BUILD === undefined ? "" : ` (build ${BUILD.slice(0, BUILD_DIGITS)})`;
  environment.out(`trapline ${VERSION}${build}\n`);
  for (const target of environment.targets) {
    const { isa } = await target.loadRuntime();
    const features = featureNames(isa.features, isa.featureBits).join(", ");
    const suffix = features === "" ? "" : `, with ${features}`;
    environment.out(`${target.name} (${target.triple}${suffix})\n`);
  }
  const library = await openUnicorn({ offline: true }).catch(() => undefined);
  environment.out(library === undefined ? "no Unicorn found\n" : `${describeUnicorn(library)}\n`);
  if (containsUnicorn()) environment.out(`\n${GPL_NOTICE}`);
  return Status.ok;
}
