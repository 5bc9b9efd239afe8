/** States of files, by which the cache notices that the compiler was changed. */
import { deepStrictEqual, notStrictEqual, strictEqual, throws } from "node:assert";
import { fileStates, isFile } from "../../lib/host/file_states.ts";

/** By the C library, where there is one, and by Deno's own functions. */
for (const [by, system] of [["the system", undefined], ["Deno", null]] as const) {
  Deno.test(`${by}: a state follows size and time, whatever the name of the file is`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const names = ["a", "größer.ts", "long".repeat(50)];
      const paths = names.map((name) => `${folder}/${name}`);
      for (const [n, path] of paths.entries()) {
        Deno.writeFileSync(path, new Uint8Array(n));
        Deno.utimeSync(path, 1_000_000_000, 1_000_000_000);
      }
      const states = fileStates(paths, system);
      strictEqual(new Set(states).size, 3, "sizes differ");
      strictEqual(fileStates([paths[1] as string], system)[0], states[1]);

      const first = paths[0] as string;
      Deno.writeFileSync(first, new Uint8Array(2));
      Deno.utimeSync(first, 1_000_000_000, 1_000_000_000);
      strictEqual(fileStates(paths, system)[0], states[2], "size and time alone make the state");

      Deno.utimeSync(first, 1_000_000_000, 1_000_000_000.004);
      notStrictEqual(fileStates(paths, system)[0], states[2], "four milliseconds later");
      throws(() => fileStates([...paths, `${folder}/missing`], system), Deno.errors.NotFound);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  Deno.test(`${by}: files of two gigabytes and more`, async () => {
    const path = await Deno.makeTempFile();
    try {
      const sizes = [1, 2 ** 31 + 1, 2 ** 32 + 1].map((size) => {
        Deno.truncateSync(path, size);
        Deno.utimeSync(path, 5, 5);
        return fileStates([path], system)[0];
      });
      strictEqual(new Set(sizes).size, 3);
    } finally {
      await Deno.remove(path);
    }
  });

  Deno.test(`${by}: a file is told from what is none`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      Deno.writeTextFileSync(`${folder}/file`, "");
      if (Deno.build.os !== "windows") Deno.symlinkSync("file", `${folder}/link`);
      const paths = ["file", "link", "", "missing", "file/below"];
      const found = paths.map((path) => isFile(`${folder}/${path}`, system));
      deepStrictEqual(found, [true, Deno.build.os !== "windows", false, false, false]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
