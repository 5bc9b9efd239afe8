/** Paths of source files: joining and mapping. */
import { strictEqual } from "node:assert";
import { joinPath, mapPath } from "../../lib/debug/source_path.ts";

Deno.test("paths are joined unless they are absolute", () => {
  strictEqual(joinPath("/src", "a.c"), "/src/a.c");
  strictEqual(joinPath("/src/", "./lib/a.c"), "/src/lib/a.c");
  strictEqual(joinPath("/src", "/usr/a.h"), "/usr/a.h");
  strictEqual(joinPath("", "a.c"), "a.c");
  strictEqual(joinPath("/src", "."), "/src");
  strictEqual(joinPath("C:\\src", "a.c"), "C:\\src\\a.c");
  strictEqual(joinPath("C:\\src", "D:/a.c"), "D:/a.c");
  strictEqual(joinPath("/src", "wasisdk://v1/a.c"), "wasisdk://v1/a.c");
});

Deno.test("the longest mapping of whole components wins", () => {
  const mappings = [
    { from: "/src", to: "/home/me" },
    { from: "/src/vendor/", to: "/opt" },
    { from: "C:\\build", to: "." },
    { from: "/cut", to: "" },
  ];
  strictEqual(mapPath("/src/a.c", mappings), "/home/me/a.c");
  strictEqual(mapPath("/src/vendor/a.c", mappings), "/opt/a.c");
  strictEqual(mapPath("/source/a.c", mappings), "/source/a.c");
  strictEqual(mapPath("/src", mappings), "/home/me");
  strictEqual(mapPath("C:\\build\\lib\\a.c", mappings), "./lib/a.c");
  strictEqual(mapPath("/cut/a.c", mappings), "a.c");
  strictEqual(mapPath("/a/b.c", [{ from: "/", to: "/root" }]), "/root/a/b.c");
});
