/**
 * The file with the licences of a program and of everything in it.
 *
 * @module
 */
import { UNICORN_VERSION } from "../lib/executor/unicorn/library.ts";
import type { Program } from "./bundle.ts";

const RULE = "=".repeat(80);

/** Writes the file's text. */
export async function licensesText(
  root: string,
  { licenses }: Program,
  { hasUnicorn }: { readonly hasUnicorn: boolean },
): Promise<string> {
  const read = (path: string): Promise<string> => Deno.readTextFile(`${root}/${path}`);
  const sections = [
    { title: "Trapline: MIT", text: await read("LICENSE-MIT") },
    { title: "Trapline: Apache-2.0, at your choice", text: await read("LICENSE-APACHE") },
    { title: "Deno, the runtime", text: await read("release/licenses/deno.txt") },
    ...licenses,
    ...(hasUnicorn
      ? [{
        title: "Unicorn, the emulator: GPL-2.0",
        text: await read("release/licenses/gpl-2.0.txt"),
      }]
      : []),
  ];
  const whole = hasUnicorn
    ? `This program contains Unicorn ${UNICORN_VERSION}, which is under the GNU General Public License,
version 2. As a whole it is distributed under that licence, of Trapline's two with
the MIT licence, and WITHOUT ANY WARRANTY. The source of Unicorn is at
https://github.com/unicorn-engine/unicorn, tag ${UNICORN_VERSION}; that of Trapline is where
you have this program from. A build without Unicorn is not bound by the GPL.
`
    : `This program does not contain Unicorn, the emulator, which is under the GNU General
Public License, version 2; it loads the library that it finds.
`;
  return [
    "The licences of this program and of all that it contains.\n",
    whole,
    "It contains:\n" + sections.map(({ title }) => `  ${title}\n`).join(""),
    ...sections.map(({ title, text }) => `${RULE}\n${title}\n${RULE}\n\n${text.trimEnd()}\n`),
  ].join("\n");
}
