/** How much was done at a moment of a steady clock, in milliseconds. */
export interface Mark {
  readonly atMs: number;
  readonly done: number;
}

export interface Estimate {
  readonly perSecond: number;
  /** null while nothing can be said: no rate yet, or a standstill. */
  readonly etaSeconds: number | null;
}

/** Long enough to span a page of large documents, short enough that an ETA follows a throttle within half a minute. */
const WINDOW_MS = 30_000;
/** Marks closer than this say nothing new; with the window it bounds the list. */
const APART_MS = 250;

/** The marks of the last half minute and the new one; the oldest before the window stays as its beginning. */
export function remember(marks: readonly Mark[], mark: Mark): readonly Mark[] {
  const previous = marks.at(-2);
  const kept = previous && mark.atMs - previous.atMs < APART_MS ? marks.slice(0, -1) : marks;
  const begin = kept.findLastIndex((old) => old.atMs <= mark.atMs - WINDOW_MS);
  return [...kept.slice(Math.max(0, begin)), mark];
}

/** Documents a second over the window, and what is left at that rate. */
export function estimate(marks: readonly Mark[], total: number): Estimate {
  const first = marks.at(0);
  const last = marks.at(-1);
  if (!first || !last) return { perSecond: 0, etaSeconds: null };
  const left = Math.max(0, total - last.done);
  const seconds = (last.atMs - first.atMs) / 1000;
  const perSecond = seconds > 0 ? Math.max(0, last.done - first.done) / seconds : 0;
  if (left === 0) return { perSecond, etaSeconds: 0 };
  return { perSecond, etaSeconds: perSecond > 0 ? Math.ceil(left / perSecond) : null };
}
