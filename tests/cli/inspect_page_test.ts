/** The page of `inspect --html` in a browser: what lights up together, what fits, and what it reads. */
import assert from "node:assert/strict";
import { pageTest } from "./browser.ts";
import { trapline } from "./captured.ts";

const sum = `(func $sum (export "sum") (param $at i32) (param $count i32) (result i32)
    (local $total i32)
    (loop $next
      (local.set $total (i32.add (local.get $total) (i32.load (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
    (local.get $total))`;
const source = `(module (memory 1) ${sum}
  (func (export "</script><b>name") (result i32) (call $sum (i32.const 0) (i32.const 9))))`;

pageTest("the page: wasm, IR, machine code and graph light up together", async (opened) => {
  const { page, count } = opened;
  await opened.open(source);
  await page.locator(".wat .row", { hasText: "i32.load" }).hover();
  assert.equal(await count(".wat .row.on"), 1);
  assert(await count(".stage .row.on") >= 1);
  assert(await count(".asm .row.on") >= 1);
  assert(await count(".graph text.on") >= 1);
  assert.match(await page.locator(".asm .row.on").last().innerText(), /memory-out-of-bounds|add/);
  await page.locator("h1").hover();
  assert.equal(await count(".on"), 0);
  await opened.picture("light");

  // A click holds it, from the machine code to the wasm as well; the same click lets go.
  const ret = page.locator(".asm .row", { hasText: "ret" }).first();
  await ret.click();
  assert.equal(await count(".wat .row.pinned"), 1);
  await ret.click();
  assert.equal(await count(".pinned"), 0);
});

pageTest("the page: a graph for each stage, its blocks and its loop", async (opened) => {
  const { page, count } = opened;
  await opened.open(source);
  assert(await count(".graph g.node") >= 3);
  for (const stage of ["ir", "select", "alloc", "opt"]) {
    const tab = page.locator(`[data-stage=${stage}]`);
    await tab.click();
    assert.equal(await tab.getAttribute("aria-selected"), "true");
    const heads = await page.locator(".stage .row", { hasText: /^b\d+.*:/ }).count();
    assert.equal(await count(".graph g.node"), heads, stage);
    assert(await count(".graph svg > path.back") >= 1, stage);
  }
  // The branch at the end of the loop has a side for each answer.
  assert(await count(".graph svg > path.yes") + await count(".graph svg > path.no") >= 1);

  const width = async (): Promise<number> =>
    Number(await page.locator(".graph svg").getAttribute("width"));
  const before = await width();
  await page.locator("[aria-label=larger]").click();
  assert(await width() > before * 1.2);
  await page.locator("#toggle-graph").click();
  assert.equal(await count(".graph"), 0);
  await page.locator("#toggle-graph").click();
  assert.equal(await count(".graph"), 1);
});

pageTest("the page: a module may call a function what it likes", async (opened) => {
  const { page, count } = opened;
  await opened.open(source);
  assert.equal(await count("b"), 0);
  await page.locator("nav a", { hasText: "</script><b>name" }).first().click();
  await page.locator("main .title", { hasText: "</script><b>name" }).waitFor();
  assert.match(await page.locator(".asm").innerText(), /call wasm\[0\]::function\[0\] "sum"/);
  assert.equal(await count(".asm .tag.relocation"), 1);
});

pageTest("the page: where the bytes go", async (opened) => {
  const { page } = opened;
  await opened.open(source);
  await page.locator("#toggle-sizes").click();
  assert.match(await page.locator(".sizes").innerText(), /memory-out-of-bounds/);
  assert.match(await page.locator(".sizes").innerText(), /\.trapline\.addrmap/);
  assert.equal(await opened.hash(), "#sizes");
  await opened.picture("sizes");
  await page.locator(".sizes a").last().click();
  await page.locator(".asm .row").first().waitFor();
  assert.match(await opened.hash(), /^#function=\d$/);
});

pageTest("the page: both themes, and every width", async (opened) => {
  const { page } = opened;
  await opened.open(source);
  const paper = (): Promise<string> =>
    page.evaluate("getComputedStyle(document.body).backgroundColor");
  const light = await paper();
  await page.locator("#theme").click();
  const dark = await paper();
  assert.notEqual(dark, light);
  await opened.picture("dark");

  // Nothing that can be chosen is outside the window, whatever its width.
  const outside = `[...document.querySelectorAll("button, nav input, nav a, .title h2")]
    .filter((each) => each.getBoundingClientRect().right > innerWidth).length`;
  for (const width of [1900, 1200, 1000, 910, 700, 420]) {
    await page.setViewportSize({ width, height: 800 });
    const whole = await page.evaluate("document.documentElement.scrollWidth") as number;
    assert(whole <= width, `the page is ${whole} pixels wide where ${width} are`);
    assert.equal(await page.evaluate(outside), 0, `at ${width}`);
    await opened.picture(`at-${width}`);
  }

  // Heads of columns that are too narrow have shorter words, not words over others.
  await page.setViewportSize({ width: 1000, height: 800 });
  assert.equal(await page.locator("[data-stage=opt]").innerText(), "opt");
  await page.setViewportSize({ width: 1900, height: 800 });
  assert.equal(await page.locator("[data-stage=opt]").innerText(), "optimised");
});

pageTest("the page: on paper, light and whole", async (opened) => {
  const { page } = opened;
  const stores = Array.from(
    { length: 200 },
    (_, n) => `(i32.store (i32.const ${n}) (local.get 0))`,
  );
  await opened.open(`(module (memory 1) (func (export "f") (param i32) ${stores.join("\n")}))`);
  const paper = (): Promise<string> =>
    page.evaluate("getComputedStyle(document.body).backgroundColor");
  const light = await paper();
  await page.locator("#theme").click();
  assert.notEqual(await paper(), light);
  await page.emulateMedia({ media: "print" });
  assert.equal(await paper(), light);
  for (const selector of ["nav", "#theme", "[role=tablist]", ".splitter"]) {
    assert.equal(await page.locator(selector).isVisible(), false, selector);
  }
  // 610 lines of wasm, 63 or so to a page.
  const pdf = new TextDecoder("latin1").decode(await page.pdf({ preferCSSPageSize: true }));
  const pages = pdf.match(/\/Type \/Page$/gm)?.length ?? 0;
  assert(pages >= 10 && pages <= 12, `${pages} pages`);
});

pageTest("the page: objects, with wasm code and without", async (opened) => {
  const { page, count, folder } = opened;
  await Deno.writeTextFile(`${folder}/m.wat`, source);
  const cases = [
    [["-o", `${folder}/m.cwasm`], `${folder}/m.cwasm`, true],
    [["-o", `${folder}/m.o`], `${folder}/m.o`, true],
    [["-o", `${folder}/s.cwasm`, "--drop-bodies"], `${folder}/s.cwasm`, false],
  ] as const;
  for (const [args, object, hasBodies] of cases) {
    const compiled = await trapline("compile", `${folder}/m.wat`, "--target", "riscv64", ...args);
    assert.equal(compiled.status, 0, compiled.err);
    const shown = await trapline("inspect", object, "--html", `${object}.html`);
    assert.equal(shown.status, 0, shown.err);
    await opened.goto(`${object}.html`);
    assert.match(await page.locator("header").innerText(), /riscv64/);
    assert(await count(".asm .row") > 10);
    assert.equal(await count(".wat .row") > 5, hasBodies);
    assert.equal(await count(".graph g.node") > 2, hasBodies);
  }
});

pageTest("the page: a module without functions", async (opened) => {
  await opened.open("(module (memory 1))");
  assert.equal(await opened.count("nav a"), 0);
  assert.match(await opened.page.locator("nav").innerText(), /has no functions/);
});

// ── Large modules ─────────────────────────────────────────────────────────────────────────────

pageTest("the page: five hundred functions, of which those looked at are read", async (opened) => {
  const { page, folder, count } = opened;
  const copies = Array.from(
    { length: 500 },
    (_, n) => sum.replaceAll("$sum", `$sum${n}`).replace(/\(export "sum"\)/, ""),
  );
  await opened.open(`(module (memory 1) ${copies.join("\n")})`, { hash: "#function=319" });
  assert.match(await opened.title(), /sum319/);
  const html = await Deno.readTextFile(`${folder}/0.html`);
  const chunks = html.match(/type="application\/gzip;base64" id="chunk-\d+"/g) ?? [];
  assert(chunks.length > 1, `${chunks.length} chunks`);
  // The list has all of them; elements of rows and of the graph there are for one only.
  assert.equal(await count("nav a .name"), 500 + 1);
  assert(await count("*") < 6000, `${await count("*")} elements`);
  await page.locator("nav input").fill("sum49");
  assert.equal(await count("nav a:visible"), 11);
  await page.locator("nav a", { hasText: "sum499" }).click();
  await page.locator("main .title", { hasText: "sum499" }).waitFor();
  assert.match(await page.locator(".wat").innerText(), /\$sum499/);
});

pageTest("the page: a function of tens of thousands of lines", async (opened) => {
  const { page, count } = opened;
  const steps = Array.from({ length: 1500 }, (_, n) =>
    `(if (i32.eq (local.get 0) (i32.const ${n}))
       (then (i32.store (local.get 0) (i32.const ${n}))))`);
  await opened.open(
    `(module (memory 1) (func (export "f") (param i32) ${steps.join("\n")}))`,
    { hash: "#function=0&stage=alloc" },
  );
  // Only what is in sight has elements.
  assert(await count(".row") < 900, `${await count(".row")} rows`);
  assert(await count(".graph g.node") < 900);
  const last = page.locator(".asm .row", { hasText: "ret" });
  assert.equal(await last.count(), 0);

  // What is held in one column is brought into sight in the others.
  const scroll = (to: string): Promise<unknown> =>
    page.evaluate(`document.querySelector(".wat .scroll").scrollTop = ${to}`);
  await scroll("1e9");
  await page.locator(".wat .row", { hasText: "i32.store" }).last().click();
  assert(await count(".asm .row.pinned") >= 1);
  assert(await count(".stage .row.pinned") >= 1);
  await page.waitForFunction(`(() => {
    const box = document.querySelector(".asm .scroll").getBoundingClientRect();
    const row = document.querySelector(".asm .row.pinned").getBoundingClientRect();
    return row.top >= box.top && row.bottom <= box.bottom;
  })()`);
  await scroll("0");
  await page.locator(".wat .row", { hasText: "local.get" }).first().waitFor();
  assert.equal(await count(".wat .row.pinned"), 0);
  assert(await count(".row") < 900);
});
