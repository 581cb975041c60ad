import type { Definition, Format } from '../core/model.ts';
import type { ApprovalPolicy, BakePolicy, SoakPolicy } from '../core/policy.ts';
import type { Secret } from './secret.ts';

export type { BakePolicy, SoakPolicy } from '../core/policy.ts';

/** `library`: saves go through dualpath. `own`: the application writes both stores by itself. */
export type WritePathMode = 'library' | 'own';

/** cohorts.yaml with every default applied. Table names are as given: `table` or `schema.table`. */
export interface Config {
  readonly version: 1;
  /** `embedded` or a postgres:// URL, which may hold a password: never print it. */
  readonly database: string;
  readonly documents: DocumentsConfig;
  readonly users: UsersConfig;
  readonly localFirst: LocalFirstConfig;
  readonly writePath: WritePathMode;
  /** With `own`: how long a pair of rows has to be unchanged before it is compared. */
  readonly settleMs: number;
  readonly flags: FlagsConfig;
  readonly keepMs: number;
  /** In rollout order; at least one. */
  readonly cohorts: readonly CohortConfig[];
}

export interface DocumentsConfig {
  readonly table: string;
  readonly columns: {
    readonly id: string;
    readonly owner: string;
    readonly content: string;
    readonly revision: string | null;
    readonly updatedAt: string | null;
  };
  readonly format: Format;
  /** A condition on the documents table alone, in SQL, as written. */
  readonly where: string | null;
  readonly collaborators: {
    readonly table: string;
    readonly document: string;
    readonly user: string;
  } | null;
}

export interface UsersConfig {
  readonly table: string;
  readonly columns: { readonly id: string };
  /** Flag-context name → column. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface LocalFirstConfig {
  readonly table: string;
  readonly columns: { readonly id: string; readonly state: string; readonly updatedAt: string };
  readonly fragment: string;
}

export interface FlagsConfig {
  readonly provider: 'unleash' | 'file';
  /** As written: relative to the folder of the config file. Null for Unleash. */
  readonly path: string | null;
  readonly url: Secret;
  readonly adminToken: Secret;
  readonly clientToken: Secret;
  readonly project: string;
  readonly environment: string;
  readonly dualWrite: string;
  readonly default: string;
}

export interface CohortConfig {
  readonly name: string;
  readonly definition: Definition;
  readonly soak: SoakPolicy;
  readonly bake: BakePolicy;
  readonly approval: ApprovalPolicy;
}
