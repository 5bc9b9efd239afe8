/**
 * `trapline snapshot diff`: what changed between two sets of goldens, in classes.
 *
 * Without `--base` it compares the goldens with what is pending. With it, it compares those of
 * another folder or of a revision of git with what is here, pending files first. Nothing is
 * compiled.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { findCases, goldenPath, pendingPath, readGolden } from "../snapshot/case_files.ts";
import { changesAsMarkdown, changesAsText } from "../snapshot/change_report.ts";
import { compareGoldens, type GoldenChange } from "../snapshot/changes.ts";
import type { ExecutionOptions } from "./context.ts";
import { type Environment, Status } from "./environment.ts";
import { goldenTargets } from "./golden_targets.ts";

/** Options of `snapshot diff`. */
export interface DiffCommandOptions extends ExecutionOptions {
  /** A folder with the goldens of targets in it, or a revision of git. */
  readonly base?: string | undefined;
  readonly format?: "text" | "md";
}

/** Where the goldens that are compared with come from. */
interface Base {
  /** The golden that had this path here, undefined where there was none. */
  read(path: string): Promise<string | undefined>;
  /** The names of the goldens that were in a folder of goldens. */
  list(folder: string): Promise<string[]>;
}

/** Prints the changes; returns the exit status. */
export async function diffSnapshots(
  environment: Environment,
  paths: readonly string[],
  options: DiffCommandOptions,
): Promise<number> {
  const { cases: allCases, folders } = await findCases(paths);
  const base = options.base === undefined ? undefined : await openBase(options.base);
  const changes: GoldenChange[] = [];
  for (const { name: target, cases } of await goldenTargets(environment, allCases, options)) {
    const seen = new Set<string>();
    for (const file of cases) {
      const path = goldenPath(file, target);
      seen.add(path);
      const here = await readGolden(path), pending = await readGolden(pendingPath(path));
      const before = base === undefined ? here : await base.read(path);
      const after = pending ?? here;
      if (before === undefined && after === undefined) continue;
      changes.push(compareGoldens({ name: file.name, target }, before, after));
    }
    for (const folder of base === undefined ? [] : folders) {
      const goldens = folderOf(goldenPath({ path: `${folder}/x`, name: "x" }, target));
      for (const name of await base!.list(goldens)) {
        const path = `${goldens}/${name}`;
        if (seen.has(path)) continue;
        const names = { name: name.replace(/\.snap$/, ""), target };
        changes.push(compareGoldens(names, await base!.read(path), undefined));
      }
    }
  }
  environment.out(options.format === "md" ? changesAsMarkdown(changes) : changesAsText(changes));
  return Status.ok;
}

async function openBase(base: string): Promise<Base> {
  try {
    if ((await Deno.stat(base)).isDirectory) return folderBase(base.replace(/\/+$/, ""));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return revisionBase(base);
}

/** `base/<target>/<case>.snap`. */
function folderBase(base: string): Base {
  const inBase = (path: string): string => `${base}/${path.split("/").slice(-2).join("/")}`;
  return {
    read: (path) => readGolden(inBase(path)),
    list: async (folder) => {
      const names: string[] = [];
      try {
        for await (const { name } of Deno.readDir(`${base}/${folder.split("/").pop()}`)) {
          if (name.endsWith(".snap")) names.push(name);
        }
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
      return names.sort();
    },
  };
}

/** Goldens of a revision of the repository that they are in, wherever this runs. */
function revisionBase(revision: string): Base {
  const commits = new Map<string, string>();
  const commitOf = async (folder: string): Promise<string> => {
    const known = commits.get(folder);
    if (known !== undefined) return known;
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
    const found = (await git(folder, args))?.trim();
    if (found === undefined) {
      throw new CompileError(
        `Cannot compare with "${revision}": it is no folder, and no revision that git knows`,
      );
    }
    commits.set(folder, found);
    return found;
  };
  const split = (path: string): [string, string] => {
    const folder = nearestFolder(path);
    return [folder, path === folder ? "." : path.slice(folder.length + 1)];
  };
  return {
    read: async (path) => {
      const [folder, rest] = split(folderOf(path));
      const name = path.slice(path.lastIndexOf("/") + 1);
      return await git(folder, ["show", `${await commitOf(folder)}:./${rest}/${name}`]);
    },
    list: async (path) => {
      const [folder, rest] = split(path);
      const args = ["ls-tree", "--name-only", await commitOf(folder), `./${rest}/`];
      const names = ((await git(folder, args)) ?? "").split("\n");
      return names.map((name) => name.slice(name.lastIndexOf("/") + 1))
        .filter((name) => name.endsWith(".snap"));
    },
  };
}

/** The folder itself, or the nearest one above it that is there. */
function nearestFolder(folder: string): string {
  for (let at = folder; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/")))) {
    try {
      if (Deno.statSync(at).isDirectory) return at;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return ".";
}

/** What git prints, undefined when it fails. */
async function git(folder: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["-C", folder, ...args],
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new CompileError("Cannot compare with a revision: git is not installed");
    }
    throw error;
  }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
