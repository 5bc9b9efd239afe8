/**
 * Explanations of faults that are made after the fault, because what makes them is loaded only then.
 *
 * @module
 */

const pending = new WeakMap<Error, () => Promise<Error>>();

/** Lets {@linkcode explained} make the error again, with its explanation. */
export function explainLater(error: Error, explain: () => Promise<Error>): void {
  pending.set(error, explain);
}

/**
 * An error with its explanation; itself where it has one, or needs none. The guest must not have run
 * since the error was made.
 */
export async function explained(error: unknown): Promise<unknown> {
  const explain = error instanceof Error ? pending.get(error) : undefined;
  return explain === undefined ? error : await explain();
}
