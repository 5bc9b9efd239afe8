/**
 * What a case says about how it is compiled and what its golden shows:
 *
 *     ;; optimize: 0
 *     ;; show: ir, trampolines
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import type { CommentLine } from "./case_lines.ts";

/** The settings of a case. */
export interface CaseSettings {
  /** Optimisation level; 1 unless the case says otherwise. */
  readonly level: 0 | 1;
  /** Whether the golden has the IR after optimisation. */
  readonly ir: boolean;
  /** Whether the golden has the code of trampolines, not only a digest. */
  readonly trampolines: boolean;
}

/**
 * The settings among the comments of a case.
 * @param origin the case's name in messages
 * @throws CompileError for a setting that there is not
 */
export function parseSettings(comments: readonly CommentLine[], origin: string): CaseSettings {
  const settings: { level: 0 | 1; ir: boolean; trampolines: boolean } = {
    level: 1,
    ir: false,
    trampolines: false,
  };
  let optimized = 0;
  for (const { text, line } of comments) {
    const [, key, list = ""] = text.match(/^(optimi[sz]e|show):(.*)$/) ?? [];
    if (key === undefined) continue;
    const fail = (reason: string): never => {
      throw new CompileError(`Cannot read case at "${origin}:${line}": ${reason}`);
    };
    for (const name of list.split(",").map((what) => what.trim())) {
      if (key !== "show") {
        if (name !== "0" && name !== "1") fail(`"${name}" is neither "0" nor "1"`);
        if (optimized++ > 0) fail("the level of optimisation is given twice");
        settings.level = name === "0" ? 0 : 1;
      } else if (name === "ir" || name === "trampolines") settings[name] = true;
      else fail(`"${name}" is neither "ir" nor "trampolines"`);
    }
  }
  return settings;
}
