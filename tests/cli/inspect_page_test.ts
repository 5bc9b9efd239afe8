/**
 * The page of `inspect --html` in a browser: Debian's Chromium, driven by playwright-core. Where it is
 * not installed the test says so and is skipped. With `TRAPLINE_SCREENSHOTS=folder` it leaves pictures
 * for people.
 */
import assert from "node:assert/strict";
import { trapline, withFiles } from "./captured.ts";

const CHROMIUM = "/usr/bin/chromium";
const isInstalled = await Deno.stat(CHROMIUM).then(() => true, () => false);
// deno-lint-ignore no-console -- a skipped test says why
if (!isInstalled) console.warn(`skipped: the page's test needs a browser at ${CHROMIUM}`);

const source = `(module (memory 1)
  (func $sum (export "sum") (param $at i32) (param $count i32) (result i32) (local $total i32)
    (loop $next
      (local.set $total (i32.add (local.get $total) (i32.load (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
    (local.get $total))
  (func (export "</script><b>name") (result i32) (call $sum (i32.const 0) (i32.const 9))))`;

Deno.test({
  name: "the page works in a browser, offline",
  ignore: !isInstalled,
  // The browser's pipes close after the test.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    withFiles({ "m.wat": source }, async (folder) => {
      const file = `${folder}/m.html`;
      await trapline("inspect", `${folder}/m.wat`, "--html", file, "--target", "x64");
      const { chromium } = await import("playwright-core");
      const browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: [
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
        ],
      });
      try {
        const context = await browser.newContext({
          offline: true,
          viewport: { width: 1500, height: 950 },
        });
        const page = await context.newPage();
        const problems: string[] = [];
        page.on("pageerror", (error) => problems.push(error.message));
        page.on("request", (request) => {
          if (!request.url().startsWith("file:")) problems.push(`asks for ${request.url()}`);
        });
        await page.goto(`file://${file}`);
        const picture = async (name: string): Promise<void> => {
          const folder = Deno.env.get("TRAPLINE_SCREENSHOTS");
          if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
        };
        const count = (selector: string): Promise<number> => page.locator(selector).count();

        // The load lights up in wasm, IR, machine code and graph when one of its lines is under the pointer.
        const load = page.locator(".wat .row", { hasText: "i32.load" });
        await load.hover();
        assert.equal(await count(".wat .row.on"), 1);
        assert(await count(".stage .row.on") >= 1);
        assert(await count(".asm .row.on") >= 1);
        assert(await count(".graph text.on") >= 1);
        assert.match(
          await page.locator(".asm .row.on").last().innerText(),
          /memory-out-of-bounds|add/,
        );
        await page.locator("h1").hover();
        assert.equal(await count(".on"), 0);
        await picture("light");

        // A click keeps it lit, from the machine code to the wasm as well.
        await page.locator(".asm .row", { hasText: "ret" }).first().click();
        assert.equal(await count(".wat .row.pinned"), 1);
        await page.keyboard.press("Escape");
        assert.equal(await count(".pinned"), 0);

        // The graph has a block per block of the stage and closes the loop.
        const blocks = await count(".graph g.node");
        assert(blocks >= 3);
        assert(await count(".graph svg > path.back") >= 1);
        for (const stage of ["ir", "select", "alloc", "opt"]) {
          await page.locator(`[data-stage=${stage}]`).click();
          assert.equal(
            await page.locator(`[data-stage=${stage}]`).getAttribute("aria-selected"),
            "true",
          );
          const heads = await page.locator(".stage .row", { hasText: /^b\d+.*:/ }).count();
          assert.equal(await count(".graph g.node"), heads, stage);
        }
        await page.locator("#toggle-graph").click();
        assert.equal(await count(".graph"), 0);
        await page.locator("#toggle-graph").click();

        // Functions: chosen, filtered, and named by whatever a module says.
        assert.equal(await count("b"), 0);
        await page.locator("nav a", { hasText: "</script><b>name" }).first().click();
        assert.match(await page.locator("main .title").innerText(), /<\/script><b>name/);
        assert.match(await page.locator(".asm").innerText(), /call wasm\[0\]::function\[0\] "sum"/);
        assert.equal(await page.locator(".asm .tag.relocation").count(), 1);
        await page.locator("nav input").fill("sum");
        assert.equal(await page.locator("nav a:visible").count(), 2);

        await page.locator("#toggle-sizes").click();
        assert.match(await page.locator(".sizes").innerText(), /memory-out-of-bounds/);
        await picture("sizes");
        await page.locator("#toggle-sizes").click();

        // Both themes, and a narrow window.
        const paper = (): Promise<string> =>
          page.evaluate("getComputedStyle(document.body).backgroundColor");
        const light = await paper();
        await page.locator("#theme").click();
        assert.notEqual(await paper(), light);
        await picture("dark");
        await page.setViewportSize({ width: 420, height: 800 });
        const width = await page.evaluate("document.documentElement.scrollWidth") as number;
        assert(width <= 420, `the page is ${width} pixels wide`);
        await picture("narrow");

        // The data of a large module is compressed, and read all the same.
        const large = `${folder}/large.html`;
        const functions = source.match(/\(func \$sum[\s\S]*?get \$total\)\)/)?.[0] as string;
        const copies = Array.from({ length: 320 }, (_, n) =>
          functions.replaceAll("$sum", `$sum${n}`).replace(/\(export "sum"\)/, ""));
        await Deno.writeTextFile(`${folder}/large.wat`, `(module (memory 1) ${copies.join("\n")})`);
        await trapline("inspect", `${folder}/large.wat`, "--html", large, "--target", "x64");
        assert.match(await Deno.readTextFile(large), /type="application\/gzip;base64"/);
        await page.goto(`file://${large}#319`);
        await page.locator(".asm .row").first().waitFor();
        assert.match(await page.locator("main .title").innerText(), /"sum319"/);
        assert.deepEqual(problems, []);
      } finally {
        await browser.close();
      }
    }),
});
