/** Runs `use` on all items, `most` at a time, in order of their start. */
export async function concurrently<T>(
  items: readonly T[],
  most: number,
  use: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) await use(items[next++] as T);
  };
  await Promise.all(Array.from({ length: most }, worker));
}

/** How many programs run at once. */
export const PROCESSES: number = Math.max(2, Math.min(8, navigator.hardwareConcurrency));
