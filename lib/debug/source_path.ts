/**
 * Paths in debug information: those of the machine that built the module, of either kind.
 *
 * @module
 */

/** Whether a path says where it starts: on Unix, on Windows, or as a URL. */
export function isAbsolute(path: string): boolean {
  return /^(\/|\\|[A-Za-z][A-Za-z0-9+.-]*:[\\/])/.test(path);
}

/** `path`, relative to a directory unless it is absolute. */
export function joinPath(directory: string, path: string): string {
  if (directory === "" || isAbsolute(path)) return path;
  if (path === "" || path === ".") return directory;
  const separator = /^([A-Za-z]:)?\\/.test(directory) ? "\\" : "/";
  const plain = path.replace(/^(\.[\\/])+/, "");
  return /[\\/]$/.test(directory) ? directory + plain : directory + separator + plain;
}

/** Replaces a path's beginning: `--map-path FROM=TO`. */
export interface PathMapping {
  /** A whole path or a folder; a slash at its end makes no difference. */
  readonly from: string;
  /** What stands in its place; may be empty. */
  readonly to: string;
}

/**
 * The path with the longest mapping that fits applied; a mapping fits whole components only. Slashes
 * of either kind are the same.
 */
export function mapPath(path: string, mappings: readonly PathMapping[]): string {
  const normal = path.replaceAll("\\", "/");
  let best: PathMapping | undefined, bestLength = -1;
  for (const mapping of mappings) {
    const from = trimSlash(mapping.from.replaceAll("\\", "/"));
    const fits = normal === from || normal.startsWith(from + "/");
    if (fits && from.length > bestLength) {
      best = mapping;
      bestLength = from.length;
    }
  }
  if (best === undefined) return path;
  const rest = normal.slice(bestLength);
  return best.to === "" ? rest.replace(/^\//, "") : trimSlash(best.to) + rest;
}

function trimSlash(path: string): string {
  return path.length > 1 ? path.replace(/[\\/]+$/, "") : path === "/" ? "" : path;
}
