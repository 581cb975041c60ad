import { type Constraint, type Strategy, TITLE_PREFIX } from '../core/flag-plan.ts';
import type { ForeignStrategy, OwnStrategy } from './port.ts';

/** A strategy as the Admin API and the client document spell it; unknown fields are kept as they are. */
export interface UnleashStrategy {
  readonly id?: string;
  readonly name: string;
  readonly title?: string | null;
  readonly disabled?: boolean | null;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly constraints?: readonly Readonly<Record<string, unknown>>[];
  readonly segments?: readonly unknown[];
  readonly variants?: readonly unknown[];
}

const NAME = 'flexibleRollout';
const STICKINESS = 'userId';

export function toUnleash(strategy: Strategy): UnleashStrategy {
  const { title, rollout, groupId, constraints } = strategy;
  return {
    name: NAME,
    title,
    disabled: false,
    parameters: { rollout: String(rollout), stickiness: STICKINESS, groupId },
    constraints: constraints.map((one) => ({ ...one })),
  };
}

/** Parts what stands in a flag into what we wrote and what we did not: ours is our prefix and exactly our structure. */
export function partStrategies(strategies: readonly UnleashStrategy[]): {
  readonly own: readonly OwnStrategy[];
  readonly foreign: readonly ForeignStrategy[];
} {
  const own: OwnStrategy[] = [];
  const foreign: ForeignStrategy[] = [];
  for (const [index, strategy] of strategies.entries()) {
    const id = strategy.id ?? String(index);
    const ours = fromUnleash(strategy);
    if (ours === null) foreign.push(foreignOf(id, strategy));
    else own.push({ ...ours, id });
  }
  return { own, foreign };
}

function fromUnleash(strategy: UnleashStrategy): Strategy | null {
  const { name, title, disabled, parameters = {}, constraints = [], segments = [], variants = [] } = strategy;
  const { rollout, stickiness, groupId, ...others } = parameters;
  const ours =
    name === NAME &&
    title?.startsWith(TITLE_PREFIX) === true &&
    disabled !== true &&
    stickiness === STICKINESS &&
    typeof groupId === 'string' &&
    /^(\d|[1-9]\d|100)$/.test(String(rollout)) &&
    [...Object.keys(others), ...segments, ...variants].length === 0;
  const read = constraints.map(constraintOf);
  if (!ours || !read.every((one) => one !== null)) return null;
  return { title, rollout: Number(rollout), groupId, constraints: read };
}

function constraintOf(constraint: Readonly<Record<string, unknown>>): Constraint | null {
  const { contextName, operator, values, inverted = false, caseInsensitive = false, ...others } = constraint;
  const ours =
    typeof contextName === 'string' &&
    operator === 'IN' &&
    typeof inverted === 'boolean' &&
    caseInsensitive === false &&
    Array.isArray(values) &&
    values.every((value): value is string => typeof value === 'string') &&
    Object.values(others).every((value) => value === undefined || value === null || value === '');
  return ours ? { contextName, operator: 'IN', values, inverted } : null;
}

/** Disabled, or a rollout of nobody: it is somebody else's, and it changes nothing. */
function foreignOf(id: string, strategy: UnleashStrategy): ForeignStrategy {
  const { name, disabled, parameters } = strategy;
  const title = strategy.title || name;
  const share = parameters?.rollout ?? parameters?.percentage;
  const nobody = disabled === true || (share !== undefined && Number(share) === 0);
  const how = disabled === true ? 'disabled' : share === undefined ? name : `${name}, ${String(share)} %`;
  return { id, title, what: `strategy "${title}" (${how})`, effective: !nobody };
}
