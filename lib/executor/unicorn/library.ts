/**
 * Finds the Unicorn library: the one that `TRAPLINE_UNICORN` names; else one embedded in the program
 * or beside it, one in the user's cache, one that the system's loader knows; else it is fetched into
 * the cache. A library that is too old is passed over, for its program counters after a fault are wrong.
 * `TRAPLINE_UNICORN` is an order: when the library it names cannot be used, no other is.
 *
 * @module
 */
import { unlisted } from "../../base/unlisted.ts";
import { BUILD } from "../../base/version.ts";
import { cacheDirectory } from "../../host/cache_directory.ts";
import { isFile } from "../../host/file_states.ts";
import { standaloneFile } from "../../host/standalone.ts";
import { load, probeVersion, type UnicornLibrary } from "./binding.ts";

/** The version that is fetched when none is there; the cache has a folder for each. */
export const UNICORN_VERSION = "2.1.4";

/** Name of the environment variable that holds the path of the library to use. */
export const UNICORN_VARIABLE = "TRAPLINE_UNICORN";

/** The oldest version whose program counters after faults are right. */
const MINIMUM_VERSION = [2, 1, 4] as const;

/** A place where the library may be. */
export interface Candidate {
  /** A path, or a name for the system's loader. */
  readonly path: string;
  /** `TRAPLINE_UNICORN`, `embedded`, `shipped`, `cache` or `system`. */
  readonly source: string;
}

/** A place that was tried in vain. */
export interface Refusal extends Candidate {
  /** Why it was not used. */
  readonly reason: string;
}

/** There is no usable library; the message says what was tried and what helps. */
export class UnicornUnavailable extends Error {
  /** Tells it from other errors. */
  override readonly name = "UnicornUnavailable";
  /**
   * Composes the message.
   * @param reason why there is none, a clause
   * @param refusals the places that were tried
   */
  constructor(reason: string, readonly refusals: readonly Refusal[]) {
    super([
      `Cannot load Unicorn ${MINIMUM_VERSION.join(".")} or later: ${reason}`,
      ...refusals.map((r) => `  tried "${r.path}" (${r.source}): ${r.reason}`),
      "Any one of these helps:",
      "  - run `trapline setup` while online, which fetches it",
      `  - install Unicorn ${MINIMUM_VERSION.join(".")} or later with the system's package manager`,
      `  - set ${UNICORN_VARIABLE} to the path of the library` +
      " (`pip install unicorn` puts one into site-packages/unicorn/lib)",
    ].join("\n"));
  }
}

/** The library's file name on this system. */
function libraryName(): string {
  if (Deno.build.os === "windows") return "unicorn.dll";
  return Deno.build.os === "darwin" ? "libunicorn.2.dylib" : "libunicorn.so.2";
}

/** Where a fetched library is kept; the version is part of the path. */
export function cachedLibraryPath(): string | undefined {
  const directory = cacheDirectory();
  return directory && `${directory}/unicorn-${UNICORN_VERSION}/${libraryName()}`;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")));
}

/** The source of a library that is a part of the program: see {@linkcode loadable}. */
const EMBEDDED = "embedded";

/** Where a standalone program has its library; undefined when it has none. */
function embeddedPath(): string | undefined {
  if (BUILD === undefined) return undefined;
  const path = `${import.meta.dirname}/${libraryName()}`;
  return isFile(path) ? path : undefined;
}

/** Whether this program contains the library, and so is under its licence. */
export function containsUnicorn(): boolean {
  return embeddedPath() !== undefined;
}

/** The places to look in, in order. */
export function candidates(): Candidate[] {
  const named = Deno.env.get(UNICORN_VARIABLE);
  if (named) return [{ path: named, source: UNICORN_VARIABLE }];
  const name = libraryName();
  const found: Candidate[] = [];
  const embedded = embeddedPath();
  if (embedded !== undefined) found.push({ path: embedded, source: EMBEDDED });
  const program = standaloneFile() ?? Deno.execPath();
  found.push({ path: `${parentOf(program)}/${name}`, source: "shipped" });
  const cached = cachedLibraryPath();
  if (cached !== undefined) found.push({ path: cached, source: "cache" });
  found.push({ path: name, source: "system" });
  if (Deno.build.os === "darwin") {
    for (const prefix of ["/opt/homebrew", "/usr/local"]) {
      found.push({ path: `${prefix}/lib/${name}`, source: "system" });
    }
  }
  return found;
}

/** Whether a candidate is a path, and no name for the system's loader. */
export function isPath(candidate: string): boolean {
  return /[/\\]/.test(candidate);
}

/**
 * Loads the first candidate that is recent enough, and records why the ones before it are not.
 * @returns undefined when there is none
 */
export function loadFirst(
  places: readonly Candidate[],
  refusals: Refusal[],
  minimum: readonly [number, number, number] = MINIMUM_VERSION,
): UnicornLibrary | undefined {
  for (const place of places) {
    const refuse = (reason: string): number => refusals.push({ ...place, reason });
    if (isPath(place.path) && !isFile(place.path)) {
      refuse("there is no such file");
      continue;
    }
    try {
      const { close, ...library } = load(place.path);
      if (!isOlder(library.version, minimum)) return { ...place, ...library };
      close();
      refuse(tooOld(library.version));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      refuse(reasonOf(error, place.path, minimum));
    }
  }
  return undefined;
}

function isOlder(version: readonly number[], minimum: readonly number[]): boolean {
  const at = version.findIndex((part, n) => part !== minimum[n]);
  return at >= 0 && (version[at] as number) < (minimum[at] as number);
}

function tooOld(version: readonly number[]): string {
  return `its version is ${version.join(".")}`;
}

/** Why a library could not be loaded: it is too old, it is another one, or what the loader says. */
function reasonOf(error: Error, path: string, minimum: readonly number[]): string {
  // The loader says it once for each way in which it tried.
  const text = error.message.replace(/^(Could not open library: )+/, "");
  if (!text.includes("uc_")) return text;
  try {
    const version = probeVersion(path);
    return isOlder(version, minimum) ? tooOld(version) : text;
  } catch {
    return "it is not Unicorn";
  }
}

/**
 * The places where the system's loader can look. What Deno compiled has its files in a file system of
 * the executable's own, which the loader does not see: its library is put elsewhere.
 */
async function loadable(places: readonly Candidate[]): Promise<Candidate[]> {
  if (!Deno.build.standalone) return [...places];
  const { placeEmbedded } = await import(
    unlisted("./embedded.ts")
  ) as typeof import("./embedded.ts");
  const found: Candidate[] = [];
  for (const place of places) {
    const path = place.source === EMBEDDED
      ? await placeEmbedded(place.path, libraryName())
      : place.path;
    if (path !== undefined) found.push({ ...place, path });
  }
  return found;
}

/** How {@linkcode openUnicorn} may look for the library. */
export interface OpenOptions {
  /** Do not fetch it when it is not there. */
  readonly offline?: boolean;
  /** Receives lines about a fetch, for people. */
  readonly report?: (line: string) => void;
}

let opened: Promise<UnicornLibrary> | undefined;

/**
 * The Unicorn library: found, or fetched, once per process.
 * @throws UnicornUnavailable
 */
export function openUnicorn(options: OpenOptions = {}): Promise<UnicornLibrary> {
  opened ??= findOrFetch(options).catch((error) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

async function findOrFetch(options: OpenOptions): Promise<UnicornLibrary> {
  const refusals: Refusal[] = [];
  const places = await loadable(candidates());
  const found = loadFirst(places, refusals);
  if (found !== undefined) return found;
  if (places[0]?.source === UNICORN_VARIABLE) {
    throw new UnicornUnavailable(`${UNICORN_VARIABLE} names a library of no use`, refusals);
  }
  if (options.offline) {
    throw new UnicornUnavailable("it is not installed, and must not be fetched", refusals);
  }
  const { fetchUnicorn } = await import(
    unlisted("./fetch.ts")
  ) as typeof import("./fetch.ts");
  const { wheelForHost } = await import(
    unlisted("./wheels.ts")
  ) as typeof import("./wheels.ts");
  const wheel = wheelForHost();
  const target = cachedLibraryPath();
  if (wheel === undefined) {
    throw new UnicornUnavailable("there is no package of it for this platform", refusals);
  }
  if (target === undefined) throw new UnicornUnavailable("there is no home directory", refusals);
  try {
    await fetchUnicorn({ target, wheel, ...(options.report && { report: options.report }) });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UnicornUnavailable(`it could not be fetched: ${error.message}`, refusals);
  }
  const fetched = loadFirst([{ path: target, source: "cache" }], refusals);
  if (fetched === undefined) {
    throw new UnicornUnavailable("the fetched one does not load", refusals);
  }
  return fetched;
}

/** Says which library is used: `Unicorn 2.1.4, cache: /path`. */
export function describeUnicorn(library: UnicornLibrary): string {
  const { version, path, source } = library;
  return `Unicorn ${version.join(".")}, ${source}: ${path}`;
}
