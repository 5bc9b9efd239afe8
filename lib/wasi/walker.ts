/**
 * Paths in the sandbox. A path is walked a component at a time from an open directory, and every
 * component is decided here:
 *
 * - a directory is entered; the host refuses to enter anything else, links included;
 * - `..` goes back to the directory that was entered before, which the walk still holds open. Above
 *   the directory where it began there is nothing: `notcapable`. The host is never asked for `..`,
 *   so it does not matter if a directory is moved meanwhile;
 * - a symbolic link is replaced by the components it contains, relative to the directory it stands
 *   in. One that begins with `/` would lead out of the sandbox: `notcapable`.
 *
 * What is left at the end is a directory and the name of an entry in it, which need not exist, or
 * `.` for the directory itself. The functions of the host that use it do not follow links either,
 * so a link that appears in between cannot lead anywhere.
 *
 * @module
 */
import { Errno } from "./abi.ts";
import { fail, Failure } from "./failure.ts";
import type { HostDirectory } from "./host/host.ts";

/** The most links in a path, which is Linux's limit. */
const MAX_LINKS = 40;

/** A walk along one path; {@linkcode close} ends it. */
export class Walker {
  readonly #base: HostDirectory;
  /** The directories that were entered, the innermost last. */
  readonly #entered: HostDirectory[] = [];
  /** The components that are left, the next one last. */
  #pending: string[];
  #links = 0;
  #name = "";
  #needsDirectory = false;

  /**
   * Walks to the last component.
   * @throws Failure `noent` when a directory is missing or the path is empty, `notdir`, `loop`,
   * `notcapable`, `inval` for a NUL
   */
  constructor(base: HostDirectory, path: string) {
    if (path === "") fail("noent");
    if (path.includes("\0")) fail("inval");
    this.#base = base;
    this.#pending = [];
    this.#push(path);
    try {
      this.#walk();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The directory of the last component. */
  get directory(): HostDirectory {
    return this.#entered.at(-1) ?? this.#base;
  }
  /** The last component: a name, or `.` for {@linkcode directory} itself. */
  get name(): string {
    return this.#name;
  }
  /** Whether the path ends in a slash, or in a link whose contents do: only a directory is meant. */
  get needsDirectory(): boolean {
    return this.#needsDirectory;
  }

  /**
   * Replaces the last component by what it contains, when it is a link, and walks on.
   * @returns false when it is no link, or is not there
   * @throws Failure like the constructor
   */
  followLink(): boolean {
    const path = this.#readLink(this.#name);
    if (path === undefined) return false;
    this.#push(path);
    this.#walk();
    return true;
  }

  /** Closes the directories that were entered. */
  close(): void {
    for (const directory of this.#entered) directory.close();
    this.#entered.length = 0;
  }

  /** Puts the components of a path before those that are left. */
  #push(path: string): void {
    if (path.startsWith("/")) fail("notcapable");
    const isLast = this.#pending.length === 0;
    const components = path.split("/");
    for (let n = components.length - 1; n >= 0; n--) {
      const component = components[n] as string;
      if (component !== "") this.#pending.push(component);
    }
    if (isLast && path.endsWith("/")) this.#needsDirectory = true;
  }

  #walk(): void {
    for (;;) {
      const component = this.#pending.pop() as string;
      const isLast = this.#pending.length === 0;
      if (component === "..") {
        if (this.#entered.length === 0) fail("notcapable");
        this.#entered.pop()?.close();
      } else if (component !== "." && isLast) {
        this.#name = component;
        return;
      } else if (component !== ".") this.#enter(component);
      if (isLast && this.#pending.length === 0) {
        this.#name = ".";
        return;
      }
    }
  }

  #enter(name: string): void {
    try {
      this.#entered.push(this.directory.enter(name));
    } catch (error) {
      const mayBeLink = error instanceof Failure &&
        (error.errno === Errno.loop || error.errno === Errno.notdir);
      const path = mayBeLink ? this.#readLink(name) : undefined;
      if (path === undefined) throw error;
      this.#push(path);
    }
  }

  /** What a link contains, undefined for anything else. @throws Failure `loop` for one too many */
  #readLink(name: string): string | undefined {
    if (name === ".") return undefined;
    let path: string;
    try {
      path = this.directory.readLink(name);
    } catch (error) {
      const { inval, noent } = Errno;
      if (error instanceof Failure && (error.errno === inval || error.errno === noent)) {
        return undefined;
      }
      throw error;
    }
    if (++this.#links > MAX_LINKS) fail("loop");
    return path;
  }
}
