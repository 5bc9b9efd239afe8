import assert from "node:assert/strict";
import {
  findCases,
  findOrphans,
  goldenPath,
  readGolden,
  writeGolden,
} from "../../lib/snapshot/case_files.ts";

/** Runs `use` with a folder of these empty files, and deletes it. */
async function withFiles(
  files: readonly string[],
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const file of files) {
      const path = `${folder}/${file}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(path, "");
    }
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("case files: a folder's cases, sorted, each once", () =>
  withFiles(["cases/b.wat", "cases/a.wasm", "cases/notes.md"], async (folder) => {
    const { cases, folders } = await findCases([`${folder}/cases/`, `${folder}/cases/b.wat`]);
    assert.deepEqual(cases, [
      { path: `${folder}/cases/a.wasm`, name: "a" },
      { path: `${folder}/cases/b.wat`, name: "b" },
    ]);
    assert.deepEqual(folders, [`${folder}/cases`]);
  }));

Deno.test("case files: nothing to find is an error", () =>
  withFiles(["empty/x.txt", "cases/a.wat", "cases/a.wasm"], async (folder) => {
    await assert.rejects(findCases([`${folder}/empty`]), /has none/);
    await assert.rejects(findCases([`${folder}/none.wat`]), /there is no ".*none.wat"/);
    await assert.rejects(findCases([`${folder}/cases`]), /have one name/);
  }));

Deno.test("case files: where goldens are", () => {
  assert.equal(goldenPath({ path: "s/cases/a.wat", name: "a" }, "x64"), "s/x64/a.snap");
  assert.equal(goldenPath({ path: "cases/a.wat", name: "a" }, "x64"), "./x64/a.snap");
  assert.equal(goldenPath({ path: "mine/a.wat", name: "a" }, "x64"), "mine/x64/a.snap");
  assert.equal(goldenPath({ path: "a.wat", name: "a" }, "x64"), "./x64/a.snap");
});

Deno.test("case files: goldens without a case are orphans", () =>
  withFiles(["cases/a.wat", "x64/a.snap", "x64/b.snap", "x64/README"], async (folder) => {
    const { cases } = await findCases([`${folder}/cases`]);
    assert.deepEqual(await findOrphans(`${folder}/cases`, "x64", cases), [
      { path: `${folder}/x64/b.snap`, reason: "no case has this name" },
    ]);
    assert.deepEqual(await findOrphans(`${folder}/cases`, "riscv64", cases), []);
  }));

Deno.test("case files: a golden is written whole, and nothing else is left", () =>
  withFiles([], async (folder) => {
    const path = `${folder}/x64/a.snap`;
    assert.equal(await readGolden(path), undefined);
    await writeGolden(path, "one\n");
    await writeGolden(path, "two\n");
    assert.equal(await readGolden(path), "two\n");
    assert.deepEqual([...Deno.readDirSync(`${folder}/x64`)].map(({ name }) => name), ["a.snap"]);
  }));
