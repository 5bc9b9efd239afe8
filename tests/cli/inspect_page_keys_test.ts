/** The page of `inspect --html` without a mouse: keys, the search for a function, and addresses. */
import assert from "node:assert/strict";
import { type Opened, pageTest } from "./browser.ts";

const source = `(module
  (func $one (export "one") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $_ZN3geo3sumEi (param i32) (result i32)
    (i32.div_s (local.get 0) (i32.mul (local.get 0) (i32.rem_u (local.get 0) (i32.const 9)))))
  (func $three (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (call $one (i32.clz (local.get 0)))) (else (i32.popcnt (local.get 0))))))`;

/** Presses a key and waits until the page says so in its address. */
async function press({ page }: Opened, key: string, expected: string): Promise<void> {
  await page.keyboard.press(key);
  await page.waitForFunction(`location.hash === ${JSON.stringify(expected)}`);
}

pageTest("the page: keys for functions, instructions and stages", async (opened) => {
  const { page, count } = opened;
  await opened.open(source, { hash: "#function=0" });
  await press(opened, "j", "#function=1");
  await page.locator("main .title", { hasText: "geo::sum(int)" }).waitFor();
  await press(opened, "j", "#function=2");
  await press(opened, "k", "#function=1");
  await press(opened, "k", "#function=0");
  assert.match(await page.locator("nav a[aria-current=true]").innerText(), /^one\s/);

  await press(opened, "3", "#function=0&stage=select");
  await press(opened, "4", "#function=0&stage=alloc");
  await press(opened, "1", "#function=0&stage=ir");
  await press(opened, "2", "#function=0");

  await page.keyboard.press("n");
  const first = await page.locator(".wat .row.pinned").first().innerText();
  await page.keyboard.press("n");
  await page.keyboard.press("n");
  assert.notEqual(await page.locator(".wat .row.pinned").first().innerText(), first);
  await page.keyboard.press("p");
  await page.keyboard.press("p");
  assert.equal(await page.locator(".wat .row.pinned").first().innerText(), first);
  assert.match(await opened.hash(), /^#function=0&at=[0-9a-f]+$/);
  await press(opened, "Escape", "#function=0");
  assert.equal(await count(".pinned"), 0);

  await page.keyboard.press("g");
  assert.equal(await count(".graph"), 0);
  await page.keyboard.press("g");
  await press(opened, "s", "#sizes");
  await press(opened, "s", "#function=0");

  await page.keyboard.press("?");
  assert.equal(await page.locator("dialog").isVisible(), true);
  assert.match(await page.locator("dialog").innerText(), /next and previous function/);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("dialog").isVisible(), false);

  // Keys of the browser, and letters in the search, mean what they always do.
  await page.keyboard.press("Control+j");
  assert.equal(await opened.hash(), "#function=0");
});

pageTest(
  "the page: a key counts from the one before, though the page is not there yet",
  async (opened) => {
    const { page } = opened;
    await opened.open(source, { hash: "#function=0" });
    // Both are dispatched before any event that the first causes.
    await page.evaluate(`for (let n = 0; n < 2; n++) {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }));
  }`);
    await page.locator("main .title", { hasText: "three" }).waitFor();
    assert.equal(await opened.hash(), "#function=2");
  },
);

pageTest("the page: a function is searched for, and found by size", async (opened) => {
  const { page, count } = opened;
  await opened.open(source);
  await page.keyboard.press("/");
  await page.keyboard.type("geo sum j");
  assert.equal(await count("nav a:visible"), 0);
  assert.match(await page.locator("nav").innerText(), /No function has such a name/);
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Backspace");
  assert.equal(await count("nav a:visible"), 1);
  await press(opened, "Enter", "#function=1");
  await press(opened, "Escape", "#function=1");
  assert(await count("nav a:visible") > 3);

  // By the mangled name too, and down the list with arrows.
  await page.keyboard.press("/");
  await page.keyboard.type("_ZN3geo");
  assert.equal(await count("nav a:visible"), 1);
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await press(opened, "Enter", "#function=2");

  await page.locator("nav select").selectOption("size");
  const sizes = (await page.locator("nav .bytes").allTextContents()).map(Number);
  assert.deepEqual(sizes, [...sizes].sort((a, b) => b - a));
  assert(new Set(sizes).size > 2);
});

pageTest("the page: an address shows a function, a stage and a place", async (opened) => {
  const { page, count } = opened;
  await opened.open(source, { hash: "#function=1" });
  assert.equal(await opened.title(), "geo::sum(int)");
  await page.locator(".wat .row", { hasText: "i32.div_s" }).click();
  await page.locator("[data-stage=alloc]").click();
  const hash = await opened.hash();
  assert.match(hash, /^#function=1&stage=alloc&at=[0-9a-f]+$/);

  // Somebody else opens what was copied.
  const file = `${opened.folder}/0.html`;
  await page.goto("about:blank");
  await opened.goto(file, hash);
  assert.equal(await opened.title(), "geo::sum(int)");
  assert.equal(await page.locator("[data-stage=alloc]").getAttribute("aria-selected"), "true");
  assert.match(await page.locator(".wat .row.pinned").innerText(), /i32\.div_s/);
  assert(await count(".asm .row.pinned") >= 1);
  assert.equal(await opened.hash(), hash);

  // The way back leads to the function before.
  await page.locator("nav a", { hasText: "three" }).first().click();
  await page.locator("main .title", { hasText: "three" }).waitFor();
  await page.goBack();
  await page.locator("main .title", { hasText: "geo::sum" }).waitFor();

  // Trampolines by symbol; what is not there is said.
  await page.locator("nav a", { hasText: "enter one" }).click();
  await page.locator("main .title", { hasText: "enter one" }).waitFor();
  assert.match(await opened.hash(), /^#symbol=/);
  await page.goto("about:blank");
  await opened.goto(file, "#function=77");
  assert.match(await page.locator(".title .missing").innerText(), /there is no function 77 here/);
  await page.goto("about:blank");
  await opened.goto(file, "#stage=constructor&at=zz&function=x");
  assert.match(await page.locator(".title .missing").innerText(), /there is no function x here/);
  assert.equal(await page.locator("[data-stage=opt]").getAttribute("aria-selected"), "true");
});
