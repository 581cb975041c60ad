import { GUARD, type Strategy } from '../core/flag-plan.ts';
import { FLAG_ROLES, type FlagRole } from '../core/model.ts';
import { UsageError } from '../errors.ts';
import { compareFlags, flagAppeared, flagsChanged, RESTORE } from './drift.ts';
import { readFlagsFile, writeFlagsFile } from './flags-file.ts';
import type { FlagObservation, FlagPort } from './port.ts';
import { strategyChanges, withGuard } from './strategy-changes.ts';
import { type ClientDocument, evaluateDocument } from './unleash-sdk.ts';
import { partStrategies, toUnleash, type UnleashStrategy } from './unleash-strategy.ts';

type Feature = ClientDocument['features'][number];

/**
 * The flags in a file: an Unleash client document, evaluated by the same SDK. Whatever else stands in the document is
 * kept as it is. Every write replaces the file whole, so a reader sees it before or after, never in between.
 */
export function fileFlags(settings: {
  readonly path: string;
  readonly flags: Readonly<Record<FlagRole, string>>;
}): FlagPort {
  const { path, flags } = settings;

  const observe = async (role: FlagRole): Promise<FlagObservation> => {
    const file = await readFlagsFile(path);
    return observationOf(flags[role], file?.document ?? EMPTY, file?.changedAt);
  };

  return {
    provider: 'file',

    async prepare() {
      const file = await readFlagsFile(path);
      const before = file?.document ?? EMPTY;
      const document = FLAG_ROLES.reduce(
        (rest, role) => prepared(rest, flags[role], file?.changedAt),
        before,
      );
      if (document !== before) await writeFlagsFile(path, document);
    },

    observe,

    async apply(role, wishes, expected) {
      const flag = flags[role];
      const wanted = withGuard(wishes);
      const file = await readFlagsFile(path);
      const document = file?.document ?? EMPTY;
      const before = observationOf(flag, document, file?.changedAt);
      const drift = compareFlags(expected ?? withGuard(before.strategies), before, wanted);
      if (drift.length > 0) throw flagsChanged(drift);
      const { add, remove } = strategyChanges(before.strategies, wanted);
      if (add.length + remove.length === 0) return;
      await writeFlagsFile(path, withStrategies(document, flag, wanted));
      const different = compareFlags(wanted, await observe(role));
      if (different.length > 0) throw flagsChanged(different);
    },

    async recreate(role, strategies) {
      const file = await readFlagsFile(path);
      const document = file?.document ?? EMPTY;
      if (observationOf(flags[role], document, file?.changedAt).exists) throw flagAppeared(flags[role]);
      await writeFlagsFile(path, withFlag(document, flags[role], withGuard(strategies)));
    },

    async evaluate(role, users) {
      const file = await readFlagsFile(path);
      const answer =
        file === null
          ? ({ known: false } as const)
          : await evaluateDocument(file.document, flags[role], users);
      if (answer.known) return answer.answers;
      throw new UsageError(
        'flag-not-visible',
        `The flag ${flags[role]} is not in ${path}.`,
        `Start a cohort, which creates it; check flags.path and the flag names in cohorts.yaml; or bring back one that was deleted: ${RESTORE}.`,
        { path, flag: flags[role] },
      );
    },

    close: async () => undefined,
  };
}

const EMPTY: ClientDocument = { version: 2, features: [] };

function observationOf(
  flag: string,
  document: ClientDocument,
  changedAt: string | undefined,
): FlagObservation {
  const feature = document.features.find(({ name }) => name === flag);
  // A file knows when it was last written, not by whom nor what was changed in it.
  const changes =
    changedAt === undefined
      ? []
      : [{ at: changedAt, by: null, what: 'the flags file was written', kind: 'other' as const }];
  const history = changes[0] === undefined ? { changes } : { changes, lastChange: changes[0] };
  if (feature === undefined)
    return { flag, exists: false, enabled: false, strategies: [], foreign: [], ...history };
  const { own, foreign } = partStrategies(strategiesOf(feature));
  const parents = Array.isArray(feature.dependencies) ? feature.dependencies : [];
  const dependencies = parents.map(({ feature: parent }: { readonly feature: string }) => ({
    id: `parent:${parent}`,
    title: parent,
    what: `a dependency on the flag ${parent}`,
    effective: true,
  }));
  return {
    flag,
    exists: true,
    enabled: feature.enabled === true,
    strategies: own,
    foreign: [...foreign, ...dependencies],
    ...history,
  };
}

/** The flag with its guard; the same document when it has it. A flag that is off was switched off: in a file there is no before. */
function prepared(document: ClientDocument, flag: string, changedAt: string | undefined): ClientDocument {
  const found = observationOf(flag, document, changedAt);
  if (!found.exists) return withFlag(document, flag, [GUARD]);
  const drift = compareFlags(withGuard(found.strategies), found, found.strategies);
  if (drift.length > 0) throw flagsChanged(drift);
  if (strategyChanges(found.strategies, [GUARD]).add.length === 0) return document;
  return withStrategies(document, flag, withGuard(found.strategies));
}

const withFlag = (
  document: ClientDocument,
  name: string,
  strategies: readonly Strategy[],
): ClientDocument => ({
  ...document,
  features: [
    ...document.features,
    { name, type: 'release', enabled: true, strategies: strategies.map(toUnleash) },
  ],
});

/** Our strategies become `wanted`; those of others stay, after ours. */
function withStrategies(document: ClientDocument, flag: string, wanted: readonly Strategy[]): ClientDocument {
  return {
    ...document,
    features: document.features.map((feature) => {
      if (feature.name !== flag) return feature;
      const others = strategiesOf(feature).filter((one) => partStrategies([one]).own.length === 0);
      return { ...feature, strategies: [...wanted.map(toUnleash), ...others] };
    }),
  };
}

function strategiesOf(feature: Feature): readonly UnleashStrategy[] {
  return (feature.strategies ?? []) as readonly UnleashStrategy[];
}
