/**
 * `deno task binary`: builds the standalone program, one file that needs nothing else.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { sha256Hex } from "../lib/base/sha256.ts";
import { VERSION } from "../lib/base/version.ts";
import { Status, UsageError } from "../lib/cli/environment.ts";
import { defineCommand, type OptionValues } from "../lib/cli/grammar.ts";
import { commandHelp } from "../lib/cli/help.ts";
import { LICENSES_FILE } from "../lib/cli/license.ts";
import { parseArguments } from "../lib/cli/parse.ts";
import { writeWhole } from "../lib/host/files.ts";
import { bundleProgram, type Program } from "./bundle.ts";
import { compileExecutable } from "./compiled.ts";
import { licensesText } from "./licenses.ts";
import { type Platform, platformOf, platforms } from "./platforms.ts";
import { makePortable } from "./portable.ts";
import { inOrder, type ProgramFile } from "./program_file.ts";
import { type Part, sizeTable } from "./size_table.ts";
import { unicornOf } from "./unicorn.ts";

const options = {
  target: {
    kind: "value",
    placeholder: "TRIPLE",
    help: `the platform: ${platforms.map(({ triple }) => triple).join(", ")} (default: this one)`,
  },
  portable: {
    kind: "flag",
    help: "make a self-extracting file of the Deno binary that runs this, without deno compile",
  },
  noUnicorn: { kind: "flag", help: "leave Unicorn out, and with it the GPL" },
  output: {
    kind: "value",
    short: "o",
    placeholder: "FILE",
    help: "the file to write (default dist/trapline, for Windows dist/trapline.exe)",
  },
} as const;

const command = defineCommand({
  name: "binary",
  summary: "Build the standalone program: one file that needs nothing else.",
  options,
  run: async (_environment, _operands, values) => await build(values),
});

const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

async function build(values: OptionValues<typeof options>): Promise<number> {
  const platform = platformOf(values.target);
  if (values.portable && platform.triple !== Deno.build.target) {
    throw new UsageError(
      `a portable program is for the platform of the Deno binary at hand, ${Deno.build.target}`,
    );
  }
  const program = await bundleProgram(root);
  const files = await filesOf(program, platform, !values.noUnicorn);
  const { bytes, parts } = values.portable
    ? await makePortable({ platform, version: VERSION, deno: Deno.execPath(), files })
    : await compile(platform, files);

  const output = values.output ??
    `${root}/dist/${platform.os === "windows" ? "trapline.exe" : "trapline"}`;
  const folder = output.replace(/[^/\\]*$/, "") || ".";
  await Deno.mkdir(folder, { recursive: true });
  await writeWhole(output, bytes);
  if (Deno.build.os !== "windows") await Deno.chmod(output, 0o755);
  const licenses = files.find(({ name }) => name === LICENSES_FILE) as ProgramFile;
  await writeWhole(`${folder}/${LICENSES_FILE}`, licenses.bytes);
  say(sizeTable(parts, bytes.length));
  say(`build ${program.build}\n`);
  say(`${await sha256Hex(bytes)}  ${output}\n`);
  return Status.ok;
}

/** All files of a program. */
async function filesOf(
  program: Program,
  platform: Platform,
  hasUnicorn: boolean,
): Promise<ProgramFile[]> {
  const licenses = await licensesText(root, program, { hasUnicorn });
  return inOrder([
    ...program.files,
    { name: LICENSES_FILE, bytes: new TextEncoder().encode(licenses) },
    ...(hasUnicorn ? [await unicornOf(platform, (line) => say(line + "\n"))] : []),
  ]);
}

async function compile(
  platform: Platform,
  files: readonly ProgramFile[],
): Promise<{ bytes: Uint8Array<ArrayBuffer>; parts: Part[] }> {
  const bytes = await compileExecutable(platform, files);
  const parts = files.map(({ name, bytes: { length } }) => ({
    name,
    bytes: length,
    packedBytes: length,
  }));
  const own = parts.reduce((sum, part) => sum + part.bytes, 0);
  const runtime = bytes.length - own;
  return { bytes, parts: [{ name: "deno", bytes: runtime, packedBytes: runtime }, ...parts] };
}

if (import.meta.main) {
  try {
    if (Deno.args.includes("--help") || Deno.args.includes("-h")) {
      say(commandHelp(command).replace("trapline binary", "deno task binary"));
      Deno.exit(Status.ok);
    }
    const parsed = parseArguments(command, Deno.args);
    Deno.exit(await build(parsed.options as OptionValues<typeof options>));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const message = error.message.replace("trapline binary", "deno task binary");
    Deno.stderr.writeSync(new TextEncoder().encode(`${message}\n`));
    Deno.exit(error instanceof UsageError ? Status.usage : Status.failure);
  }
}
