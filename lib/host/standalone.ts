/**
 * The one file that a standalone program is.
 *
 * @module
 */
import { BUILD } from "../base/version.ts";

/** What a portable program's starter says where its file lies; whoever it starts inherits it. */
const PROGRAM_VARIABLE = "TRAPLINE_PROGRAM";

/** The path of the file that this program is, undefined where Deno runs modules that lie about. */
export function standaloneFile(): string | undefined {
  if (Deno.build.standalone) return Deno.execPath();
  return BUILD === undefined ? undefined : Deno.env.get(PROGRAM_VARIABLE);
}
