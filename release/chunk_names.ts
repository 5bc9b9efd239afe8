/**
 * Names of a bundle's files that depend on nothing but the program: the bundler's contain a hash of
 * paths on the machine that builds. And what the program loads late is hidden again from Deno, which
 * would read all of it before it starts anything (see `lib/base/unlisted.ts`).
 *
 * @module
 */

/** The bundler's mark at the end of a name: `inspect-2XN7EL6L.js`. */
const MARK = /-[A-Z0-9]{8}\.js$/;

/**
 * Names files anew: in the order in which they are first referred to, seen from the entries.
 * @param files texts by name, all in one folder
 * @param entries names of files that keep theirs, in a fixed order
 * @returns the texts by their new names
 */
export function renameChunks(
  files: ReadonlyMap<string, string>,
  entries: readonly string[],
): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Map<string, number>();
  const queue = [...entries];
  for (const entry of entries) names.set(entry, entry);
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    for (const next of referencesOf(files.get(name) ?? "", files)) {
      if (names.has(next)) continue;
      names.set(next, newName(next, taken));
      queue.push(next);
    }
  }
  const lost = [...files.keys()].filter((name) => !names.has(name));
  if (lost.length > 0) throw new Error(`Cannot bundle: nothing refers to ${lost.join(", ")}`);
  const renamed = [...names].map(([name, to]) => {
    const text = files.get(name);
    if (text === undefined) throw new Error(`Cannot bundle: the bundler wrote no "${name}"`);
    const namesChanged = text.replace(REFERENCE, (all, _, target: string) => {
      const found = names.get(target);
      return found === undefined ? all : `"./${found}"`;
    });
    return [to, namesChanged.replace(LATE_IMPORT, "import(String($1))")] as const;
  });
  return new Map(renamed);
}

/** How a file refers to another. */
const REFERENCE = /(["'`])\.\/([\w.-]+\.js)\1/g;

/** An import that happens when the program comes there. Deno does not see what is no literal. */
const LATE_IMPORT = /\bimport\(\s*("\.\/[\w.-]+\.js")\s*\)/g;

function referencesOf(text: string, files: ReadonlyMap<string, string>): string[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, , name = ""]) => files.has(name) ? [name] : []);
}

function newName(name: string, taken: Map<string, number>): string {
  // What comes of a package may be called by its version.
  const stem = name.replace(MARK, "").replace(/[^a-z_]/gi, "") || "package";
  const count = (taken.get(stem) ?? 0) + 1;
  taken.set(stem, count);
  return count === 1 && stem !== "chunk" ? `${stem}.js` : `${stem}_${count}.js`;
}
