import { UsageError } from '../errors.ts';
import type { FlagChange, FlagObservation, ForeignStrategy } from './port.ts';
import { partStrategies, type UnleashStrategy } from './unleash-strategy.ts';

/** What we read of `GET /api/admin/projects/:project/features/:flag`. */
export interface FeatureAnswer {
  readonly environments?: readonly {
    readonly name: string;
    readonly enabled: boolean;
    readonly strategies?: readonly UnleashStrategy[];
  }[];
  readonly dependencies?: readonly { readonly feature: string }[];
}

/** What we read of an entry of `GET /api/admin/search/events`. */
export interface UnleashEvent {
  readonly type: string;
  readonly createdBy?: string | null;
  readonly createdAt: string;
  readonly environment?: string | null;
  readonly label?: string | null;
  readonly data?: { readonly id?: string; readonly title?: string } | null;
  readonly preData?: { readonly id?: string; readonly title?: string } | null;
}

export function observationOf(seen: {
  readonly flag: string;
  readonly project: string;
  readonly environment: string;
  readonly feature: FeatureAnswer | null;
  readonly events: readonly UnleashEvent[];
}): FlagObservation {
  const { flag, project, environment, feature, events } = seen;
  const changes = events
    .filter(
      (event) =>
        event.environment === null || event.environment === undefined || event.environment === environment,
    )
    .map(changeOf);
  const history = changes[0] === undefined ? { changes } : { changes, lastChange: changes[0] };
  if (feature === null)
    return { flag, exists: false, enabled: false, strategies: [], foreign: [], ...history };
  const here = feature.environments?.find(({ name }) => name === environment);
  if (here === undefined)
    throw new UsageError(
      'flag-environment',
      `The flag ${flag} has no environment "${environment}" in project "${project}".`,
      `Set flags.environment to one of: ${feature.environments?.map(({ name }) => name).join(', ')}.`,
      { flag, project, environment },
    );
  const { own, foreign } = partStrategies(here.strategies ?? []);
  return {
    flag,
    exists: true,
    enabled: here.enabled,
    strategies: own,
    foreign: [...foreign, ...(feature.dependencies ?? []).map(dependency)],
    ...history,
  };
}

/** Whether the last time the flag was switched, it was switched off: a flag that was never on is not that. */
export function switchedOff({ changes }: FlagObservation): boolean {
  return (
    changes.find(({ kind }) => kind === 'switched-on' || kind === 'switched-off')?.kind === 'switched-off'
  );
}

const KINDS: Readonly<Record<string, FlagChange['kind']>> = {
  'feature-strategy-add': 'added',
  'feature-strategy-update': 'changed',
  'feature-strategy-remove': 'removed',
  'feature-environment-enabled': 'switched-on',
  'feature-environment-disabled': 'switched-off',
  'feature-created': 'created',
  'feature-archived': 'removed',
  'feature-deleted': 'removed',
};

function changeOf(event: UnleashEvent): FlagChange {
  const subject = event.data ?? event.preData;
  const title = event.preData?.title ?? event.data?.title;
  const isStrategy = event.type.startsWith('feature-strategy-');
  return {
    at: event.createdAt,
    by: event.createdBy || null,
    what: `${event.label ?? event.type}${isStrategy && title ? ` (${title})` : ''}`,
    kind: KINDS[event.type] ?? 'other',
    ...(isStrategy && subject?.id !== undefined ? { strategyId: subject.id } : {}),
    ...(isStrategy && title ? { title } : {}),
  };
}

/** A flag with a parent is off wherever the parent is: that is for nobody but us to decide here. */
function dependency({ feature }: { readonly feature: string }): ForeignStrategy {
  return {
    id: `parent:${feature}`,
    title: feature,
    what: `a dependency on the flag ${feature}`,
    effective: true,
  };
}
