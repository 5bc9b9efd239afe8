/**
 * Run by `library_test.ts` in processes of its own:
 * `open` prints what `openUnicorn` finds without the network, or its error message;
 * `fetch TARGET ARCHIVE` fetches the library to TARGET from a package that was downloaded before.
 *
 * @module
 */
import { join } from "node:path";
import { fetchUnicorn } from "../../lib/executor/unicorn/fetch.ts";
import { describeUnicorn, openUnicorn } from "../../lib/executor/unicorn/library.ts";
import { wheelForHost } from "../../lib/executor/unicorn/wheels.ts";

async function open(): Promise<string> {
  try {
    return describeUnicorn(await openUnicorn({ offline: true }));
  } catch (error) {
    return (error as Error).message;
  }
}

async function fetch(target: string, archive: string): Promise<string> {
  const wheel = wheelForHost();
  if (wheel === undefined) return "no package";
  const download = (_wheel: unknown, directory: string): Promise<void> =>
    Deno.copyFile(archive, join(directory, "package.whl"));
  await fetchUnicorn({ target, wheel, download });
  return "fetched";
}

const [command, ...rest] = Deno.args;
const text = command === "open" ? await open() : await fetch(rest[0] as string, rest[1] as string);
await Deno.stdout.write(new TextEncoder().encode(text));
