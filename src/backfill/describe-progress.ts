import { formatCount } from '../core/format-count.ts';
import { formatElapsed } from '../core/format-elapsed.ts';
import type { Progress } from './backfill.ts';

/** One line for a person: `staff: 1,200 of 4,000 documents copied, 3 quarantined, 850/s, 3s left; 25 % speed: …`. */
export function describeProgress(cohort: string, progress: Progress): string {
  const { done, total, quarantined, perSecond, etaSeconds, rate, throttled } = progress;
  const parts = [`${cohort}: ${formatCount(done)} of ${formatCount(total)} documents copied`];
  if (quarantined > 0) parts.push(`${formatCount(quarantined)} quarantined`);
  if (perSecond > 0) parts.push(`${formatCount(Math.round(perSecond))}/s`);
  if (etaSeconds !== null && etaSeconds > 0) parts.push(`${formatElapsed(etaSeconds * 1000)} left`);
  return throttled === null
    ? parts.join(', ')
    : `${parts.join(', ')}; ${Math.round(rate * 100)} % speed: ${throttled}`;
}
