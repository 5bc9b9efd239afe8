/**
 * Where Trapline keeps what it can make or fetch again.
 *
 * @module
 */

/** The user's cache directory for Trapline, undefined when the environment names none. */
export function cacheDirectory(): string | undefined {
  const home = Deno.env.get("HOME");
  switch (Deno.build.os) {
    case "windows": {
      const local = Deno.env.get("LOCALAPPDATA");
      return local && `${local}\\trapline\\cache`;
    }
    case "darwin":
      return home && `${home}/Library/Caches/trapline`;
    default: {
      const base = Deno.env.get("XDG_CACHE_HOME") || (home && `${home}/.cache`);
      return base && `${base}/trapline`;
    }
  }
}
