import type { CohortConfig } from '../config/config.ts';

/** Long enough for two or three rounds, short enough to watch. */
const SECONDS = '3s';

/** The config the demo runs: the cohorts of cohorts.yaml, with times and counts that students reach in seconds. */
export function demoConfig(
  cohorts: readonly CohortConfig[],
  flags: { readonly url: string; readonly adminToken: string; readonly clientToken: string },
): object {
  return {
    version: 1,
    database: 'embedded',
    documents: {
      table: 'public.documents',
      columns: {
        id: 'id',
        owner: 'owner_id',
        content: 'content',
        revision: 'revision',
        updated_at: 'updated_at',
      },
      format: 'prosemirror',
      where: 'deleted_at is null',
      collaborators: { table: 'public.collaborators', document: 'document_id', user: 'user_id' },
    },
    users: { table: 'public.users', columns: { id: 'id' }, attributes: { school: 'school_id' } },
    flags: {
      provider: 'unleash',
      url: flags.url,
      admin_token: flags.adminToken,
      client_token: flags.clientToken,
      project: 'default',
      environment: 'development',
    },
    // Thirty without a mismatch just show one in ten.
    soak: { duration: SECONDS, min_observations: 30, max_mismatch_rate: 0.1 },
    bake: { duration: SECONDS },
    approval: { flip: 'auto', complete: 'auto' },
    cohorts: cohorts.map(({ name, definition }) => ({ name, ...definition })),
  };
}
