/**
 * Pages of `inspect --html` in a browser: Debian's Chromium, driven by playwright-core. Where it is not
 * installed the tests say so and are skipped. With `TRAPLINE_SCREENSHOTS=folder` they leave pictures
 * for people.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { trapline, withFiles } from "./captured.ts";

const CHROMIUM = "/usr/bin/chromium";
const isInstalled = await Deno.stat(CHROMIUM).then(() => true, () => false);
// deno-lint-ignore no-console -- a skipped test says why
if (!isInstalled) console.warn(`skipped: tests of the page need a browser at ${CHROMIUM}`);

/** What a test of a page works with. */
export interface Opened {
  readonly page: Page;
  /** A folder that is deleted afterwards. */
  readonly folder: string;
  /** Compiles a module, writes its page, and opens it there. */
  open(
    source: string,
    options?: { readonly hash?: string; readonly args?: readonly string[] },
  ): Promise<void>;
  /** Opens a file; `hash` is what follows the address. */
  goto(file: string, hash?: string): Promise<void>;
  /** How many elements there are when everything is drawn: the graph waits for the next frame. */
  count(selector: string): Promise<number>;
  /** The name of the function that is shown. */
  title(): Promise<string>;
  /** What follows the address. */
  hash(): Promise<string>;
  picture(name: string): Promise<void>;
}

/** A test in a browser that is offline; errors of scripts and requests for other files fail it. */
export function pageTest(name: string, use: (opened: Opened) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !isInstalled,
    // The browser's pipes close after the test.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => withFiles({}, (folder) => inBrowser(folder, use)),
  });
}

async function inBrowser(folder: string, use: (opened: Opened) => Promise<void>): Promise<void> {
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
      if (!/^(file|blob):/.test(request.url())) problems.push(`asks for ${request.url()}`);
    });
    await use(openedIn(page, folder));
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
  }
}

function openedIn(page: Page, folder: string): Opened {
  const drawn = (): Promise<unknown> =>
    page.evaluate("new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))");
  const goto = async (file: string, hash = ""): Promise<void> => {
    await page.goto(`file://${file}${hash}`);
    await page.locator("main").locator(".asm .row, .sizes").first().waitFor();
    await drawn();
  };
  let pages = 0;
  return {
    page,
    folder,
    goto,
    open: async (source, { hash = "", args = [] } = {}) => {
      const module = `${folder}/m.wat`, file = `${folder}/${pages++}.html`;
      await Deno.writeTextFile(module, source);
      const { status, err } = await trapline(
        ...["inspect", module, "--html", file, "--target", "x64", ...args],
      );
      assert.equal(status, 0, err);
      await goto(file, hash);
    },
    count: async (selector) => {
      await drawn();
      return await page.locator(selector).count();
    },
    title: async () => await page.locator("main .title h2").textContent() ?? "",
    hash: () => page.evaluate("location.hash"),
    picture: async (name) => {
      const pictures = Deno.env.get("TRAPLINE_SCREENSHOTS");
      if (pictures) await page.screenshot({ path: `${pictures}/${name}.png` });
    },
  };
}
