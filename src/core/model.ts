/** The words of dualpath, one a thing; the same in SQL, YAML and output. */

export const STAGES = [
  'planned',
  'dual-writing',
  'backfilling',
  'soaking',
  'cutting-over',
  'baking',
  'completed',
  'rolling-back',
  'rolled-back',
] as const;
export type Stage = (typeof STAGES)[number];

export type Status = 'running' | 'paused';
export type Authority = 'legacy' | 'local-first';
export type Format = 'prosemirror' | 'quill' | 'markdown' | 'text';
export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'error';

/** Which users a cohort selects; a user belongs to the first cohort that matches. */
export type Definition =
  | { readonly users: readonly string[] }
  | { readonly match: Readonly<Record<string, readonly string[]>> }
  | { readonly percent: number }
  | { readonly everyone: true };

export const FLAG_ROLES = ['dual_write', 'default'] as const;
/** The two flags of a rollout, by their role in the config. */
export type FlagRole = (typeof FLAG_ROLES)[number];
