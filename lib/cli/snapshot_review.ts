/**
 * `trapline snapshot review`: walks through what is pending, one key for each.
 *
 * @module
 */
import {
  findCases,
  findForeign,
  findOrphans,
  goldenPath,
  type Orphan,
  pendingPath,
  readGolden,
  removeFile,
  writeGolden,
} from "../snapshot/case_files.ts";
import { changeAsText } from "../snapshot/change_report.ts";
import { compareGoldens } from "../snapshot/changes.ts";
import { type ExecutionOptions, selectTargets } from "./context.ts";
import { type Environment, Status, UsageError } from "./environment.ts";

/** Options of `snapshot review`. */
export interface ReviewOptions extends ExecutionOptions {
  /** Accepts everything without asking. */
  readonly acceptAll?: boolean;
  /** Rejects everything without asking. */
  readonly rejectAll?: boolean;
}

/** Something to decide about. */
interface Item {
  /** What is shown. */
  readonly text: string;
  readonly accept: () => Promise<void>;
  readonly reject: () => Promise<void>;
}

type Decision = "accept" | "reject" | "skip";

/** Reviews what is pending for the cases; returns the exit status. */
export async function review(
  environment: Environment,
  paths: readonly string[],
  options: ReviewOptions,
): Promise<number> {
  if (options.acceptAll && options.rejectAll) {
    throw new UsageError("--accept-all and --reject-all contradict each other");
  }
  const items = await findItems(environment, paths, options);
  if (items.length === 0) {
    environment.out("nothing is pending\n");
    return Status.ok;
  }
  let all: Decision | undefined = options.acceptAll
    ? "accept"
    : options.rejectAll
    ? "reject"
    : undefined;
  const { readKey } = environment;
  if (all === undefined && readKey === undefined) {
    for (const { text } of items) environment.out(text);
    environment.out(`${items.length} pending; this is no terminal, so nothing is decided\n`);
    environment.out("decide with: trapline snapshot review --accept-all or --reject-all\n");
    return Status.failure;
  }
  const decided: Record<Decision, number> = { accept: 0, reject: 0, skip: 0 };
  for (const [n, item] of items.entries()) {
    environment.out(item.text);
    const answer = all ?? await ask(environment, readKey as () => Promise<string>, n, items.length);
    if (answer === "quit") break;
    if (answer === "all") all = "accept";
    const decision: Decision = answer === "all" ? "accept" : answer;
    if (decision === "accept") await item.accept();
    else if (decision === "reject") await item.reject();
    decided[decision]++;
  }
  const left = items.length - decided.accept - decided.reject;
  environment.out(`${decided.accept} accepted, ${decided.reject} rejected, ${left} left\n`);
  return Status.ok;
}

async function findItems(
  environment: Environment,
  paths: readonly string[],
  options: ExecutionOptions,
): Promise<Item[]> {
  const { cases, folders } = await findCases(paths);
  const items: Item[] = [];
  for (const { name: target } of selectTargets(environment, options)) {
    for (const file of cases) {
      const path = goldenPath(file, target), waiting = pendingPath(path);
      const after = await readGolden(waiting);
      if (after === undefined) continue;
      const names = { name: file.name, target: target };
      items.push({
        text: changeAsText(compareGoldens(names, await readGolden(path), after)),
        accept: async () => {
          await writeGolden(path, after);
          await removeFile(waiting);
        },
        reject: () => removeFile(waiting),
      });
    }
    for (const folder of folders) {
      for (const orphan of await findOrphans(folder, target, cases)) items.push(itemOf(orphan));
    }
  }
  if (options.target !== undefined) return items;
  const targets = environment.targets.map(({ name }) => name);
  for (const folder of folders) {
    for (const orphan of await findForeign(folder, targets)) items.push(itemOf(orphan));
  }
  return items;
}

function itemOf({ path, reason }: Orphan): Item {
  return {
    text: `${path}: orphaned, ${reason}; accepting deletes it\n`,
    accept: () => removeFile(path),
    // The golden stays, and so does the failing check.
    reject: () => Promise.resolve(),
  };
}

async function ask(
  environment: Environment,
  readKey: () => Promise<string>,
  n: number,
  count: number,
): Promise<Decision | "all" | "quit"> {
  environment.out(`${n + 1} of ${count}: [a]ccept, [r]eject, [s]kip, accept a[l]l, [q]uit? `);
  for (;;) {
    const key = await readKey();
    const answer = answers[key];
    if (answer === undefined) continue;
    environment.out(`${answer}\n`);
    return answer;
  }
}

const answers: Readonly<Record<string, Decision | "all" | "quit">> = {
  a: "accept",
  r: "reject",
  s: "skip",
  l: "all",
  q: "quit",
  // Control-C and the end of input.
  "\x03": "quit",
  "": "quit",
};
