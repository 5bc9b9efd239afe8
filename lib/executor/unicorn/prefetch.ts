/**
 * Lets the system's loader read the Unicorn library in another thread, while this one does something
 * else. The loader relocates 80,000 places of it, which takes as long as a tenth of a small program's
 * run; whoever loads the library afterwards finds it loaded.
 *
 * @module
 */
import { isFile } from "../../host/file_states.ts";
import { glibc } from "../../host/glibc.ts";
import { candidates, isPath } from "./library.ts";

/** `RTLD_LAZY` of Linux. */
const RTLD_LAZY = 1;

/** Starts to load the library where it probably is. What goes wrong is found by who loads it. */
export function prefetchUnicorn(): void {
  const path = candidates().map((candidate) => candidate.path)
    .find((candidate) => isPath(candidate) && isFile(candidate));
  if (path === undefined) return;
  glibc()?.dlopen(new TextEncoder().encode(path + "\0"), RTLD_LAZY).catch(() => {});
}
