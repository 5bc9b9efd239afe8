/** The modules of the corpus, and the committed counts of them. */
import { fileURLToPath } from "node:url";
import { hasShared, SHARED, sharedFiles } from "../suites/shared.ts";

/** The committed counts. */
export const REFERENCE: string = fileURLToPath(new URL("./reference.json", import.meta.url));

/** Paths of all modules of the corpus, sorted; empty where it is absent. */
export function corpusModules(): string[] {
  if (!hasShared("corpus")) return [];
  return [...Deno.readDirSync(`${SHARED}/corpus`)]
    .flatMap(({ name }) => sharedFiles(`corpus/${name}`, ".wasm"))
    .sort();
}
