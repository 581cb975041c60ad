/**
 * Works something out while the database is at a statement: the two take turns for nothing otherwise.
 * @returns what the statement gave, and what was worked out: called, it gives that or throws what went wrong in it
 */
export async function meanwhile<T, U>(
  statement: () => Promise<T>,
  work: () => U,
): Promise<readonly [T, () => U]> {
  const running = statement();
  const worked = attempt(work);
  return [await running, worked];
}

/** Does it at once; what it throws is thrown to whoever asks for what came of it. */
export function attempt<U>(work: () => U): () => U {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
