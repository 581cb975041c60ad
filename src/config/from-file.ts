import { parseDuration } from '../core/duration.ts';
import type { Definition } from '../core/model.ts';
import type { BakePolicy, SoakPolicy } from '../core/policy.ts';
import type { CohortConfig, Config } from './config.ts';
import {
  APPROVAL_DEFAULTS,
  BAKE_DEFAULTS,
  type CohortFile,
  type ConfigFile,
  SETTLE_DEFAULT,
  SOAK_DEFAULTS,
} from './schema.ts';
import { secret } from './secret.ts';
import type { Environment } from './substitute.ts';

/** The config that a file without mistakes means, every default applied. */
export function configFromFile(file: ConfigFile, env: Environment): Config {
  const cohorts = file.cohorts.map((cohort) => cohortConfig(file, cohort));
  const { documents, users, flags } = file;
  return {
    version: file.version,
    database: file.database,
    documents: {
      table: documents.table,
      columns: documents.columns ? columnsOf(documents.columns) : DEFAULT_COLUMNS,
      format: documents.format,
      where: documents.where ?? null,
      collaborators: documents.collaborators ?? null,
    },
    users: {
      table: users.table,
      columns: users.columns,
      attributes: users.attributes ?? matchedDefaults(cohorts),
    },
    localFirst: {
      table: file.local_first.table,
      columns: {
        id: file.local_first.columns.id,
        state: file.local_first.columns.state,
        updatedAt: file.local_first.columns.updated_at,
      },
      fragment: file.local_first.fragment,
    },
    writePath: file.write_path,
    settleMs: milliseconds(file.settle ?? SETTLE_DEFAULT),
    flags: {
      provider: flags.provider,
      path: flags.provider === 'file' ? (flags.path ?? 'flags.json') : null,
      url: secret('flags.url', flags.url, env),
      adminToken: secret('flags.admin_token', flags.admin_token, env),
      clientToken: secret('flags.client_token', flags.client_token, env),
      project: flags.project,
      environment: flags.environment,
      dualWrite: flags.dual_write,
      default: flags.default,
    },
    keepMs: milliseconds(file.keep),
    cohorts,
  };
}

const DEFAULT_COLUMNS = {
  id: 'id',
  owner: 'owner_id',
  content: 'content',
  revision: 'revision',
  updatedAt: 'updated_at',
} as const;

/** Once columns are listed, one that is not listed is one that the table does not have. */
const columnsOf = (
  columns: NonNullable<ConfigFile['documents']['columns']>,
): Config['documents']['columns'] => ({
  id: columns.id,
  owner: columns.owner,
  content: columns.content,
  revision: columns.revision ?? null,
  updatedAt: columns.updated_at ?? null,
});

/** The default attribute counts only where it is used: a users table without a school must not need one. */
function matchedDefaults(cohorts: readonly CohortConfig[]): Readonly<Record<string, string>> {
  const matched = cohorts.some(({ definition }) => 'match' in definition && 'school' in definition.match);
  return matched ? { school: 'school_id' } : {};
}

function cohortConfig(file: ConfigFile, cohort: CohortFile): CohortConfig {
  const soak = { ...SOAK_DEFAULTS, ...file.soak, ...cohort.soak };
  // A bake is as demanding as the soak of its cohort, except in what bake itself sets, and except in how long it is.
  const bake = { ...soak, ...BAKE_DEFAULTS, ...file.bake, ...cohort.bake };
  return {
    name: cohort.name,
    definition: definitionOf(cohort),
    soak: soakPolicy(soak),
    bake: { ...soakPolicy(bake), onFail: bake.on_fail satisfies BakePolicy['onFail'] },
    approval: { ...APPROVAL_DEFAULTS, ...file.approval, ...cohort.approval },
  };
}

function definitionOf({ users, match, percent }: CohortFile): Definition {
  const texts = (values: readonly (string | number)[]): string[] => values.map(String);
  if (users) return { users: texts(users) };
  if (match)
    return {
      match: Object.fromEntries(Object.entries(match).map(([name, values]) => [name, texts(values)])),
    };
  return percent === undefined ? { everyone: true } : { percent };
}

interface SoakKeys {
  readonly duration: string;
  readonly min_observations: number;
  readonly max_mismatch_rate: number;
  readonly confidence: number;
  readonly max_evidence_age: string;
  readonly max_quarantined: number;
}

const soakPolicy = (keys: SoakKeys): SoakPolicy => ({
  durationMs: milliseconds(keys.duration),
  minObservations: keys.min_observations,
  maxMismatchRate: keys.max_mismatch_rate,
  confidence: keys.confidence,
  maxEvidenceAgeMs: milliseconds(keys.max_evidence_age),
  maxQuarantined: keys.max_quarantined,
});

/** The file has been checked: anything else than a duration is a bug. */
function milliseconds(duration: string): number {
  const parsed = parseDuration(duration);
  if (parsed === null) throw new RangeError(`not a duration: ${duration}`);
  return parsed;
}
