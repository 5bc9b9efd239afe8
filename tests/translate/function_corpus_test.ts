/** Every function of real programs translates to IR that the verifier accepts. */
import { ok } from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { Unsupported } from "../../lib/base/errors.ts";
import { Func } from "../../lib/ir/func.ts";
import { verify } from "../../lib/ir/verifier.ts";
import { FunctionTranslator } from "../../lib/translate/function_translator.ts";
import { type ModuleTranslation, translateModule } from "../../lib/translate/module.ts";
import { SHARED } from "../suites/shared.ts";

/** The .wasm files below a folder beside the repository; nothing where it does not exist. */
function modulesIn(folder: URL): URL[] {
  const found: URL[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) found.push(...modulesIn(new URL(`${name}/`, folder)));
    else if (name.endsWith(".wasm")) found.push(new URL(name, folder));
  }
  return found.sort((a, b) => a.href < b.href ? -1 : 1);
}

function exists(folder: URL): boolean {
  try {
    return Deno.statSync(folder).isDirectory;
  } catch {
    return false;
  }
}

/** Translates and verifies all functions; returns how many there are. */
function check(translation: ModuleTranslation, file: URL): number {
  const translator = new FunctionTranslator(translation), func = new Func();
  for (const body of translation.functionBodies) {
    translator.translate(body, func);
    try {
      verify(func);
    } catch (error) {
      throw new Error(`Cannot verify function ${body.index} of ${file.pathname}`, { cause: error });
    }
  }
  return translation.functionBodies.length;
}

for (const name of ["corpus", "wasi"]) {
  const folder = pathToFileURL(`${SHARED}/${name}/`);
  const isAbsent = !exists(folder);
  const label = `all functions of the ${name} programs verify`;
  Deno.test({
    name: isAbsent ? `${label} (skipped: the folder does not exist)` : label,
    ignore: isAbsent,
    fn: () => {
      let functions = 0;
      for (const file of modulesIn(folder)) {
        let translation;
        try {
          translation = translateModule(Deno.readFileSync(file));
        } catch (error) {
          if (error instanceof Unsupported) continue;
          throw error;
        }
        functions += check(translation, file);
      }
      ok(functions > 1000, `only ${functions} functions were found`);
    },
  });
}
