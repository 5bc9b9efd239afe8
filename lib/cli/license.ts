/**
 * `trapline license`: the licences of the program and of what it contains.
 *
 * @module
 */
import { BUILD } from "../base/version.ts";
import { readWhole } from "../host/files.ts";
import { type Environment, Status } from "./environment.ts";

/** The file that the build of a standalone program puts among its modules. */
export const LICENSES_FILE = "LICENSES.txt";

/** Prints them and returns the exit status. */
export function license(environment: Environment): number {
  if (BUILD === undefined) {
    environment.out(
      "Trapline is under the MIT licence or the Apache License 2.0, as you prefer: see the files\n" +
        "LICENSE-MIT and LICENSE-APACHE beside its sources. It contains nothing else; what it loads\n" +
        "is under licences of its own, and Unicorn, the emulator, under the GPL-2.0.\n",
    );
    return Status.ok;
  }
  const text = readWhole(`${import.meta.dirname}/${LICENSES_FILE}`);
  environment.out(new TextDecoder().decode(text));
  return Status.ok;
}
