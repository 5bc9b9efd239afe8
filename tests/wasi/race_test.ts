/** A directory that becomes a link to outside, again and again, while paths go through it. */
import { ok, strictEqual } from "node:assert";
import { Errno } from "../../lib/wasi/abi.ts";
import { onEveryHost, READ, ROOT } from "./guest.ts";

const SWAPPING = `
  onmessage = ({ data: { folder, flag } }) => {
    const running = new Int32Array(flag);
    Deno.mkdirSync(folder + "/real");
    Deno.writeTextFileSync(folder + "/real/secret", "inside");
    Deno.symlinkSync("..", folder + "/link");
    Atomics.store(running, 0, 1);
    Atomics.notify(running, 0);
    while (Atomics.load(running, 0) === 1) {
      Deno.renameSync(folder + "/real", folder + "/d");
      Deno.renameSync(folder + "/d", folder + "/real");
      Deno.renameSync(folder + "/link", folder + "/d");
      Deno.renameSync(folder + "/d", folder + "/link");
    }
    postMessage("done");
  };`;

onEveryHost("swapping a directory for a link leads nowhere", async (guest, folder) => {
  const worker = new Worker(
    URL.createObjectURL(new Blob([SWAPPING], { type: "text/javascript" })),
    { type: "module" },
  );
  const flag = new SharedArrayBuffer(4);
  const running = new Int32Array(flag);
  const ended = new Promise((resolve) => worker.onmessage = resolve);
  worker.postMessage({ folder, flag });
  await Atomics.waitAsync(running, 0, 0).value;
  const outcomes = new Map<number, number>();
  try {
    for (let n = 0; n < 20_000; n++) {
      guest.rewind();
      const result = guest.allocate(4);
      const errno = guest.call("path_open", ROOT, 1, "d/secret", 0, READ, 0n, 0, result);
      outcomes.set(errno, (outcomes.get(errno) ?? 0) + 1);
      if (errno !== Errno.success) continue;
      const fd = guest.view.getUint32(result, true);
      strictEqual(guest.read(fd), "inside");
      guest.ok("fd_close", fd);
    }
  } finally {
    Atomics.store(running, 0, 0);
    await ended;
    worker.terminate();
  }
  // All three were met: the directory, the link, and neither.
  ok(outcomes.has(Errno.notcapable) && outcomes.has(Errno.noent), [...outcomes].join("; "));
}, { only: "libc" });
