import { GUARD, type Strategy } from '../core/flag-plan.ts';
import { strategyKey } from './drift.ts';
import type { OwnStrategy } from './port.ts';

/**
 * The fewest writes from what is there to what is wanted. A changed strategy is added anew and its old form removed:
 * while all additions come before all removals, the flag is the union of before and after, and so nobody whose answer is
 * the same in both has another in between. Second copies (of a write whose outcome was unknown) go too.
 */
export function strategyChanges(
  present: readonly OwnStrategy[],
  wanted: readonly Strategy[],
): { readonly add: readonly Strategy[]; readonly remove: readonly OwnStrategy[] } {
  const wantedKeys = new Set(wanted.map(strategyKey));
  const kept = new Set<string>();
  const remove = present.filter((one) => {
    const key = strategyKey(one);
    if (!wantedKeys.has(key) || kept.has(key)) return true;
    kept.add(key);
    return false;
  });
  return { add: wanted.filter((one) => !kept.has(strategyKey(one))), remove };
}

/** A flag of ours never stands without its guard. */
export function withGuard(strategies: readonly Strategy[]): readonly Strategy[] {
  const guard = strategyKey(GUARD);
  return strategies.some((one) => strategyKey(one) === guard) ? strategies : [GUARD, ...strategies];
}
