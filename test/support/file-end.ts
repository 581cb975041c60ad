const ends: (() => unknown)[] = [];

/**
 * What a helper does when a file of tests is done. Registered once, when the helper is loaded: files run in the same
 * process one after another, so a hook of its own would belong to the first of them alone.
 */
export function atFileEnd(work: () => unknown): void {
  ends.push(work);
}

/** The last that was loaded goes first: it stands on the others. */
export async function endFile(): Promise<void> {
  for (const end of [...ends].reverse()) await end();
}
