const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** One number and one unit: `30s`, `1.5h`, `7d`. The JSON Schema carries it too, so that editors check it. */
export const DURATION_PATTERN = /^\d+(?:\.\d+)?(?:ms|s|m|h|d|w)$/;

/** Ten years: no soak is longer, and more is a slip of the unit. It fits every clock we hand it to. */
const LONGEST_DURATION_MS = 3_650 * UNITS.d;

/** Whole milliseconds of a duration such as `72h`; null when it is not one, or longer than ten years. */
export function parseDuration(text: string): number | null {
  if (!DURATION_PATTERN.test(text)) return null;
  const number = Number.parseFloat(text);
  const unit = text.replace(/^[\d.]+/, '') as keyof typeof UNITS;
  const milliseconds = Math.round(number * UNITS[unit]);
  return milliseconds <= LONGEST_DURATION_MS ? milliseconds : null;
}

/** The shortest exact way to write it: `72h` stays `3d`, `90500` is `90.5s`. */
export function formatDuration(milliseconds: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (milliseconds !== 0 && milliseconds % UNITS[unit] === 0) return `${milliseconds / UNITS[unit]}${unit}`;
  }
  return milliseconds >= UNITS.s ? `${milliseconds / UNITS.s}s` : `${milliseconds}ms`;
}
