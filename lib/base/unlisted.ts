/**
 * Keeps modules out of the graph that Deno loads before it runs anything.
 *
 * Deno looks for `import("./x.ts")` in the sources and loads what it finds, whether the program comes
 * there or not; two hundred modules take longer than a small program runs. So modules that most runs do
 * without are imported as
 *
 *     const { x } = await import(unlisted("./x.ts")) as typeof import("./x.ts");
 *
 * which checks the types all the same. Whoever makes one file of the program must list them again, by
 * taking `unlisted` away from the text: the build of the standalone program does.
 *
 * @module
 */

/** The specifier as it is. */
export function unlisted(specifier: string): string {
  return specifier;
}
