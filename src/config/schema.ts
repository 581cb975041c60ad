import { z } from 'zod';
import {
  CONFIDENCE_REMEDY,
  choice,
  column,
  count,
  duration,
  flagName,
  KEYS_REMEDY,
  RATE_REMEDY,
  section,
  selection,
  table,
  text,
  VALUE_REMEDY,
  whole,
} from './leaves.ts';

/**
 * The shape of cohorts.yaml: keys, types and defaults, from which the JSON Schema is generated. What ties several keys together is in
 * consistency.ts, because a mistake in one key must not hide another.
 */

/** How a value is taken from the environment. */
const variable = (name: string): string => `\${${name}}`;

const soakShape = {
  duration: duration()
    .optional()
    .describe('How long it has to go on without a failing round; pauses do not count.'),
  min_observations: count()
    .optional()
    .describe('How many dual-written documents have to be compared. A document revision counts once.'),
  max_mismatch_rate: z
    .number({ error: RATE_REMEDY })
    .min(0, { error: RATE_REMEDY })
    .max(1, { error: RATE_REMEDY })
    .optional()
    .describe(
      'The mismatch rate that must be excluded: its upper bound at `confidence` is compared with this.',
    ),
  confidence: z
    .number({ error: CONFIDENCE_REMEDY })
    .min(0.5, { error: CONFIDENCE_REMEDY })
    .max(0.999999, { error: CONFIDENCE_REMEDY })
    .optional()
    .describe('How sure the upper bound of the mismatch rate has to be.'),
  max_evidence_age: duration({ positive: true })
    .optional()
    .describe('How old the newest round may be at a decision.'),
  max_quarantined: count()
    .optional()
    .describe('How many documents may be held on the legacy store with a reason.'),
};

export const SOAK_DEFAULTS = {
  duration: '72h',
  min_observations: 3000,
  max_mismatch_rate: 0.001,
  confidence: 0.95,
  max_evidence_age: '24h',
  max_quarantined: 0,
} as const;
export const SETTLE_DEFAULT = '30s';
export const BAKE_DEFAULTS = { duration: '7d', on_fail: 'hold' } as const;
export const APPROVAL_DEFAULTS = { flip: 'manual', complete: 'manual' } as const;

const inheriting = (defaults: Readonly<Record<string, unknown>>, from: string): string =>
  `${from} Default: ${JSON.stringify(defaults).replaceAll('"', '').replaceAll(',', ', ')}.`;

const soak = () => section(soakShape).optional();
const bake = () =>
  section({
    ...soakShape,
    on_fail: choice(['hold', 'roll-back'])
      .optional()
      .describe('What a failing gate does to a baking cohort: hold it, or take it back to the legacy store.'),
  }).optional();
const approval = () =>
  section({
    flip: choice(['manual', 'auto'])
      .optional()
      .describe('auto lets `dualpath run` flip when every gate passes.'),
    complete: choice(['manual', 'auto'])
      .optional()
      .describe('auto lets `dualpath run` complete when every gate passes.'),
  }).optional();

const NAME_REMEDY =
  'Write a name of at most 63 bytes without line breaks, spaces at the ends or a leading dash.';
const cohort = z
  .strictObject(
    {
      name: text(NAME_REMEDY, 63)
        .regex(/^(?!-)\S(?:[^\p{Cc}\p{Zl}\p{Zp}]*\S)?$/u, { error: NAME_REMEDY })
        .describe('What the cohort is called in commands, output and flag strategies.'),
      users: selection('u-1, u-2', 'match the users on an attribute instead')
        .optional()
        .describe('The users with these ids.'),
      match: z
        .record(
          text(VALUE_REMEDY),
          selection('lincoln-high', 'use an attribute with fewer values, or a second cohort'),
          {
            error: 'Write one attribute and its values, such as { school: [lincoln-high] }.',
          },
        )
        .optional()
        .meta({ minProperties: 1, maxProperties: 1 })
        .describe(
          'The users whose attribute has one of these values: exactly one attribute, named in users.attributes.',
        ),
      percent: whole(1, 100, 'Write a whole number from 1 to 100, such as 10.')
        .optional()
        .describe(
          'The first so many per cent of all users: cumulative and sticky, so each has to be more than the one before.',
        ),
      everyone: z
        .literal(true, { error: 'Write everyone: true, or another way to select users.' })
        .optional()
        .describe('All users who are left, and documents without an owner. Only the last cohort.'),
      soak: soak().describe('Keys that differ from the soak of the file.'),
      bake: bake().describe('Keys that differ from the bake of the file.'),
      approval: approval().describe('Keys that differ from the approval of the file.'),
    },
    { error: 'Write a cohort as keys and values, such as { name: staff, users: [u-1] }.' },
  )
  .meta({
    oneOf: ['users', 'match', 'percent', 'everyone'].map((key) => ({ required: [key] })),
    description: 'Users whose documents move together: a name, and users, match, percent or everyone.',
  });

const documents = section({
  table: table()
    .default('public.documents')
    .describe('The legacy table: table or schema.table, quoted as given.'),
  columns: section({
    id: column().default('id').describe('Primary key: text, uuid or any integer.'),
    owner: column()
      .default('owner_id')
      .describe('The user whose cohort the document follows: text, uuid or any integer.'),
    content: column().default('content').describe('The document: jsonb, json or text.'),
    revision: column()
      .optional()
      .describe('A whole number that grows with each save. Left out, dualpath numbers the contents itself.'),
    updated_at: column().optional().describe('When the row was last written, if the table has it.'),
  })
    .optional()
    .describe(
      'Left out: { id: id, owner: owner_id, content: content, revision: revision, updated_at: updated_at }.',
    ),
  format: choice(['prosemirror', 'quill', 'markdown', 'text'])
    .default('prosemirror')
    .describe('What the content column holds.'),
  where: text('Write an SQL condition on the columns of the documents table, such as deleted_at is null.')
    .optional()
    .describe('An SQL condition on the documents table: only rows for which it is true are documents.'),
  collaborators: section({
    table: table().default('public.collaborators').describe('The table of who else may edit a document.'),
    document: column().default('document_id').describe("Its column with the document's id."),
    user: column().default('user_id').describe("Its column with the user's id."),
  })
    .optional()
    .describe('Where documents are shared, so that `plan` can say which are shared across cohorts.'),
});

const users = section({
  table: table().default('public.users').describe('The table of users, or a view.'),
  columns: section({
    id: column().default('id').describe('The id that owns documents and that flags are evaluated for.'),
  })
    .prefault({})
    .describe('The columns of the users table.'),
  attributes: z
    .record(text('Write the name that the flag context uses.'), column(), {
      error: 'Write flag-context names and columns, such as { school: school_id }.',
    })
    .optional()
    .describe(
      'Flag-context name: column. What cohorts may match on. Left out: { school: school_id }, if a cohort matches on it.',
    ),
});

const localFirst = section({
  table: table()
    .default('local_first.documents')
    .describe("The local-first table, created if absent; or the application's own."),
  columns: section({
    id: column().default('id').describe("The document's id."),
    state: column().default('state').describe('bytea: the document as a Yjs V1 update.'),
    updated_at: column().default('updated_at').describe('When the state was last written.'),
  })
    .prefault({})
    .describe('The columns of the local-first table.'),
  fragment: text('Write the name of the root type that the editor binds to, such as default.')
    .default('default')
    .describe('The root Yjs type: an XmlFragment for prosemirror, a Text for the other formats.'),
});

const LATER = 'Taken from the environment when a command needs it.';
const flags = section({
  provider: choice(['unleash', 'file'])
    .default('unleash')
    .describe('unleash: a server. file: an Unleash client document on disk, evaluated by the same SDK.'),
  path: text('Write the path of a file, such as flags.json.')
    .optional()
    .describe('For file: the document, relative to this file. Default: flags.json.'),
  url: text(
    `Write the http(s):// address of the Unleash server, or a variable such as ${variable('UNLEASH_URL')}.`,
  )
    .default(variable('UNLEASH_URL'))
    .describe(`For unleash: the address of the server. ${LATER}`),
  admin_token: text(`Write a variable such as ${variable('UNLEASH_ADMIN_TOKEN')}.`)
    .default(variable('UNLEASH_ADMIN_TOKEN'))
    .describe(`For unleash: the token that changes flags. ${LATER} Observing does without it.`),
  client_token: text(`Write a variable such as ${variable('UNLEASH_CLIENT_TOKEN')}.`)
    .default(variable('UNLEASH_CLIENT_TOKEN'))
    .describe(`For unleash: the token that reads flags, of the environment below. ${LATER}`),
  project: text('Write the id of the Unleash project, such as default.')
    .default('default')
    .describe('The Unleash project of both flags.'),
  environment: text('Write the name of the Unleash environment, such as production.')
    .default('production')
    .describe('The Unleash environment in which both flags are set.'),
  dual_write: flagName()
    .default('local-first.dual-write')
    .describe('The flag that tells clients to write to both stores.'),
  default: flagName()
    .default('local-first.default')
    .describe('The flag that tells clients to open the local-first editor.'),
});

const DATABASE_REMEDY = `Write embedded, a postgres:// URL, or a variable that holds one, such as ${variable('DATABASE_URL')}.`;

/** cohorts.yaml as it is written. An empty key is taken for one left out before this is asked. */
export const fileSchema = z
  .strictObject(
    {
      version: z
        .literal(1, { error: 'Write version: 1; this program knows no other.' })
        .describe('The version of this format: 1.'),
      database: text(DATABASE_REMEDY).describe(
        'embedded: a Postgres that dualpath runs itself; or a postgres:// URL.',
      ),
      documents: documents.describe('Where the documents are now: the legacy table.'),
      users: users.describe('Who owns documents, and what cohorts can match on.'),
      local_first: localFirst.prefault({}).describe('Where the documents go.'),
      write_path: choice(['library', 'own'])
        .default('library')
        .describe(
          'library: saves go through dualpath. own: the application writes both stores by itself, and dualpath compares.',
        ),
      settle: duration({ positive: true })
        .optional()
        .describe(
          'For write_path own: how long both rows of a document have to be unchanged before they are compared. Default: 30s.',
        ),
      flags: flags.describe('The two flags that tell clients which path to take.'),
      soak: soak().describe(inheriting(SOAK_DEFAULTS, 'What a cohort has to show before its flip.')),
      bake: bake().describe(
        inheriting(BAKE_DEFAULTS, 'What it has to show before `complete`; inherits the keys of soak.'),
      ),
      approval: approval().describe(inheriting(APPROVAL_DEFAULTS, 'Who takes a step whose gates pass.')),
      keep: duration({ positive: true })
        .default('90d')
        .describe('How long raw updates and versions are kept after `complete` or `rollback`.'),
      cohorts: z
        .array(cohort, { error: 'Write a list of cohorts in rollout order.' })
        .min(1, { error: 'Name at least one cohort, such as { name: everyone, everyone: true }.' })
        .describe('In rollout order. A user belongs to the first cohort that matches.'),
    },
    { error: KEYS_REMEDY },
  )
  .meta({ title: 'dualpath cohorts.yaml' });

export type ConfigFile = z.output<typeof fileSchema>;
export type CohortFile = ConfigFile['cohorts'][number];
