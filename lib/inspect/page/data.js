// Reads the data of the page: the index at once, the functions in chunks when they are looked at.
"use strict";
(() => {
  const KEPT_CHUNKS = 6;

  const read = async (id) => {
    const { type, textContent } = document.getElementById(id);
    if (type === "application/json") return JSON.parse(textContent);
    const bytes = Uint8Array.from(atob(textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return await new Response(stream).json();
  };

  /** Chunks by number, those used last at the end. */
  const chunks = new Map();
  const chunk = (n) => {
    const known = chunks.get(n) ?? read(`chunk-${n}`);
    chunks.delete(n);
    chunks.set(n, known);
    if (chunks.size > KEPT_CHUNKS) chunks.delete(chunks.keys().next().value);
    return known;
  };

  /** Reads the index into `page.data`. */
  page.load = async () => {
    page.data = await read("data");
  };

  /** Everything about the function at a place of the index. */
  page.functionAt = async (n) => {
    const head = page.data.functions[n];
    return { ...head, ...(await chunk(head.chunk))[head.at] };
  };
})();
