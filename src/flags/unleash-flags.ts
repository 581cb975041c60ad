import { GUARD, type Strategy } from '../core/flag-plan.ts';
import { FLAG_ROLES, type FlagRole } from '../core/model.ts';
import { HeldError, UnavailableError, UsageError } from '../errors.ts';
import { compareFlags, flagAppeared, flagsChanged } from './drift.ts';
import { isGone } from './gone.ts';
import type { FlagObservation, FlagPort, FlagUser } from './port.ts';
import { type Redactor, safeCause } from './redact.ts';
import { strategyChanges, withGuard } from './strategy-changes.ts';
import type { UnleashCall } from './unleash-http.ts';
import { type FeatureAnswer, observationOf, switchedOff, type UnleashEvent } from './unleash-observation.ts';
import { evaluateOnServer } from './unleash-sdk.ts';
import { toUnleash } from './unleash-strategy.ts';

export interface UnleashSettings {
  readonly origin: () => string;
  readonly project: string;
  readonly environment: string;
  readonly flags: Readonly<Record<FlagRole, string>>;
  readonly admin: UnleashCall;
  readonly client: UnleashCall;
  readonly clientToken: () => string;
  readonly redact: Redactor;
  readonly timeoutMs: number;
}

/** How far back the history is read to say who changed what. */
const HISTORY = 100;

/** The flags in Unleash: the Admin API to write, the SDK to read back. Holds no connection, timer or token of its own. */
export function unleashFlags(settings: UnleashSettings): FlagPort {
  return {
    provider: 'unleash',
    prepare: (contextFields) => prepare(settings, contextFields),
    observe: (role) => observe(settings, role),
    apply: (role, wanted, expected) => apply(settings, role, wanted, expected),
    recreate: (role, strategies, contextFields) => recreate(settings, role, strategies, contextFields),
    evaluate: (role, users) => evaluate(settings, role, users),
    close: async () => undefined,
  };
}

async function prepare(settings: UnleashSettings, contextFields: readonly string[]): Promise<void> {
  await prepareFields(settings, contextFields);
  for (const role of FLAG_ROLES) await prepareFlag(settings, role);
}

async function prepareFields(settings: UnleashSettings, contextFields: readonly string[]): Promise<void> {
  const answer = await settings.admin({ method: 'GET', path: '/api/admin/context' });
  const known = new Set((answer.body as readonly { readonly name: string }[]).map(({ name }) => name));
  for (const name of contextFields.filter((field) => !known.has(field)))
    await settings.admin({
      method: 'POST',
      path: '/api/admin/context',
      body: { name, stickiness: false },
      // Somebody was faster.
      allow: [409],
    });
}

/** In an order that is safe to die in: a flag is switched on last, when the guard keeps it from opening to everyone. */
async function prepareFlag(settings: UnleashSettings, role: FlagRole): Promise<void> {
  const flag = settings.flags[role];
  let found = await observe(settings, role);
  if (!found.exists) {
    await createFlag(settings, flag);
    found = await observe(settings, role);
  }
  const drift = compareFlags([], found, found.strategies);
  if (drift.length > 0) throw flagsChanged(drift);
  if (!found.enabled && switchedOff(found))
    throw flagsChanged(compareFlags(withGuard(found.strategies), found, found.strategies));
  if (strategyChanges(found.strategies, [GUARD]).add.length > 0) await addStrategy(settings, flag, GUARD);
  if (!found.enabled) await switchOn(settings, flag);
}

async function recreate(
  settings: UnleashSettings,
  role: FlagRole,
  strategies: readonly Strategy[],
  contextFields: readonly string[],
): Promise<void> {
  const flag = settings.flags[role];
  const wanted = withGuard(strategies);
  let found = await observe(settings, role);
  if (!isGone(found)) throw flagAppeared(flag);
  await prepareFields(settings, contextFields);
  if (!found.exists) {
    await createFlag(settings, flag);
    found = await observe(settings, role);
  }
  const drift = compareFlags([], found, wanted);
  if (drift.length > 0) throw flagsChanged(drift);
  for (const strategy of strategyChanges(found.strategies, wanted).add)
    await addStrategy(settings, flag, strategy);
  await switchOn(settings, flag);
}

async function switchOn(settings: UnleashSettings, flag: string): Promise<void> {
  await settings.admin({ method: 'POST', path: `${environmentPath(settings, flag)}/on` });
}

async function createFlag(settings: UnleashSettings, flag: string): Promise<void> {
  const description =
    'Written by dualpath: change cohorts.yaml and run dualpath instead of editing its strategies.';
  const answer = await settings.admin({
    method: 'POST',
    path: featuresPath(settings),
    body: { name: flag, type: 'release', description },
    allow: [409],
  });
  if (answer.status !== 409) return;
  throw new HeldError(
    'flag-name-taken',
    `The flag ${flag} cannot be created in project ${settings.project}: its name is taken by an archived flag or one of another project.`,
    'Revive or delete that flag in Unleash, or choose another name under flags in cohorts.yaml.',
    { flag, project: settings.project },
  );
}

async function observe(settings: UnleashSettings, role: FlagRole): Promise<FlagObservation> {
  const flag = settings.flags[role];
  const history = new URLSearchParams({ feature: `IS:${flag}`, limit: String(HISTORY) });
  const [feature, events] = await Promise.all([
    settings.admin({ method: 'GET', path: featurePath(settings, flag), allow: [404] }),
    // A token that may not read the history still sees the flag: then nobody is named.
    settings.admin({ method: 'GET', path: `/api/admin/search/events?${history}`, allow: [400, 403, 404] }),
  ]);
  return observationOf({
    flag,
    project: settings.project,
    environment: settings.environment,
    feature: feature.status === 404 ? null : (feature.body as FeatureAnswer),
    events: (events.body as { readonly events?: readonly UnleashEvent[] } | undefined)?.events ?? [],
  });
}

async function apply(
  settings: UnleashSettings,
  role: FlagRole,
  wishes: readonly Strategy[],
  expected?: readonly Strategy[],
): Promise<void> {
  const flag = settings.flags[role];
  const wanted = withGuard(wishes);
  const before = await observe(settings, role);
  const drift = compareFlags(expected ?? withGuard(before.strategies), before, wanted);
  if (drift.length > 0) throw flagsChanged(drift);
  const { add, remove } = strategyChanges(before.strategies, wanted);
  for (const strategy of add) await addStrategy(settings, flag, strategy);
  for (const { id } of remove)
    await settings.admin({
      method: 'DELETE',
      path: `${environmentPath(settings, flag)}/strategies/${encodeURIComponent(id)}`,
      // Somebody was faster; that it is gone is what is wanted, and what is checked below.
      allow: [404],
    });
  if (add.length + remove.length === 0) return;
  const different = compareFlags(wanted, await observe(settings, role));
  if (different.length > 0) throw flagsChanged(different);
}

async function addStrategy(settings: UnleashSettings, flag: string, strategy: Strategy): Promise<void> {
  await settings.admin({
    method: 'POST',
    path: `${environmentPath(settings, flag)}/strategies`,
    body: toUnleash(strategy),
  });
}

/** A small request of our own goes first: it says clearly what is wrong, where the SDK only logs and tries again. */
async function evaluate(
  settings: UnleashSettings,
  role: FlagRole,
  users: readonly FlagUser[],
): Promise<readonly boolean[]> {
  const { redact, timeoutMs } = settings;
  const origin = settings.origin();
  const flag = settings.flags[role];
  const seen = await settings.client({
    method: 'GET',
    path: `/api/client/features/${encodeURIComponent(flag)}`,
    allow: [404],
  });
  if (seen.status === 404) throw notVisible(settings, flag);
  let answer: Awaited<ReturnType<typeof evaluateOnServer>>;
  try {
    answer = await evaluateOnServer({ origin, token: settings.clientToken(), timeoutMs }, flag, users);
  } catch (error) {
    throw new UnavailableError(
      'flag-server-unavailable',
      `The flag SDK could not read the flags from ${origin}.`,
      'Check that the flag server runs, then run the command again.',
      { url: origin, flag },
      safeCause(error, redact),
    );
  }
  if (!answer.known) throw notVisible(settings, flag);
  return answer.answers;
}

function notVisible({ project, environment }: UnleashSettings, flag: string): UsageError {
  return new UsageError(
    'flag-not-visible',
    `The flag ${flag} is not visible to flags.client_token.`,
    `Check that the flag exists, and that the token is for project ${project} and environment ${environment}.`,
    { flag, project, environment },
  );
}

function featuresPath({ project }: UnleashSettings): string {
  return `/api/admin/projects/${encodeURIComponent(project)}/features`;
}

function featurePath(settings: UnleashSettings, flag: string): string {
  return `${featuresPath(settings)}/${encodeURIComponent(flag)}`;
}

function environmentPath(settings: UnleashSettings, flag: string): string {
  return `${featurePath(settings, flag)}/environments/${encodeURIComponent(settings.environment)}`;
}
