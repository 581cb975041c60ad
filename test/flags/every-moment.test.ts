import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Strategy, wantedStrategies } from '../../src/core/flag-plan.ts';
import { strategyChanges } from '../../src/flags/strategy-changes.ts';
import { evaluateDocument } from '../../src/flags/unleash-sdk.ts';
import { toUnleash } from '../../src/flags/unleash-strategy.ts';
import { COHORTS, USERS } from './overlap.ts';

const SAMPLE = USERS.slice(0, 120);

async function answers(strategies: readonly Strategy[]): Promise<readonly boolean[]> {
  const feature = { name: 'f', enabled: true, strategies: strategies.map(toUnleash) };
  const answer = await evaluateDocument({ version: 2, features: [feature] }, 'f', SAMPLE);
  return answer.known ? answer.answers : [];
}

it('never shows a user another answer between two steps that agree on it, whatever the steps', async () => {
  const subset = fc.subarray(COHORTS.map(({ name }) => name)).map((names) => new Set(names));
  // A cohort that has not started may still be redefined, so the same title can stand for another strategy.
  const redefined = COHORTS.map((cohort) =>
    cohort.name === 'staff' ? { ...cohort, definition: { users: ['u-4', 'u-5', 'u-1'] } } : cohort,
  );
  await fc.assert(
    fc.asyncProperty(subset, subset, fc.boolean(), async (from, to, redefine) => {
      const before = wantedStrategies(COHORTS, from);
      const after = wantedStrategies(redefine ? redefined : COHORTS, to);
      const [first, last] = [await answers(before), await answers(after)];
      let standing = before.map((one, index) => ({ ...one, id: `${index}` }));
      const { add, remove } = strategyChanges(standing, after);
      const check = async (): Promise<void> => {
        const now = await answers(standing);
        const wrong = SAMPLE.filter((_, i) => first[i] === last[i] && now[i] !== first[i]);
        expect(wrong.map(({ id }) => id)).toEqual([]);
        expect(standing.length).toBeGreaterThan(0);
      };
      for (const strategy of add) {
        standing = [...standing, { ...strategy, id: `new ${strategy.title}` }];
        await check();
      }
      for (const { id } of remove) {
        standing = standing.filter((one) => one.id !== id);
        await check();
      }
      expect(await answers(standing)).toEqual(last);
    }),
    { numRuns: 60 },
  );
});
