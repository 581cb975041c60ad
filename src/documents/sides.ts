import type { Stage } from '../core/model.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { documentKey } from './document-key.ts';
import { keySql, typeSql, whereSql } from './legacy-sql.ts';
import { LINK_COLUMNS, type Link } from './links.ts';
import { cohortSql } from './membership.ts';
import type { Held } from './quarantine.ts';
import type { Stores } from './stores.ts';
import { canBeId } from './supported-types.ts';

/** The legacy row of a document without its content, unless that has to be read to know it. */
export interface SideRow {
  readonly owner: string | null;
  readonly revision: string | null;
  readonly xmin: string;
  /** The first cohort that its owner matches at this moment. */
  readonly cohort: string | null;
  /** The content as text; null where the row stands as it was linked, or holds none. */
  readonly content: string | null;
}

/** Everything of one document. */
export interface Sides {
  /** Under which our tables know the document. */
  readonly key: string;
  /** Null: deleted, or outside `where`. */
  readonly row: SideRow | null;
  readonly link: Link | null;
  /** Of the link's cohort. */
  readonly stage: Stage | null;
  readonly state: Uint8Array | null;
  /** SHA-256 of the state, as the server computed it. */
  readonly stateHash: Uint8Array | null;
  readonly held: Held | null;
}

interface SidesRecord {
  key: string | null;
  inside: boolean | null;
  owner: string | null;
  revision: string | null;
  xmin: string;
  cohort: string | null;
  content: string | null;
  link: string | null;
  stage: Stage | null;
  state: Uint8Array | null;
  isKnown: boolean | null;
  stateHash: Uint8Array | null;
  held: Held | null;
}

/**
 * Reads both sides of one document in one statement. With `lock` they are held until the transaction ends: the legacy
 * row, then the link, then the local-first row, which is the order everywhere. Each part is the newest committed one
 * once its lock is had, but a link that was inserted while this waited is not seen: then it is null, and whoever needs to know
 * asks again.
 * @param content `changed` leaves out the content of a row that stands as it was linked; `always` reads it
 * @param known a state that is not sent where the table holds just that one
 */
export async function readSides(
  db: Queryable,
  stores: Stores,
  id: string,
  options: {
    readonly lock: boolean;
    readonly content: 'changed' | 'always';
    readonly known?: { readonly hash: Uint8Array; readonly state: Uint8Array } | undefined;
  },
): Promise<Sides> {
  const key = documentKey(id);
  if (!canBeId(stores.legacy.id, id)) return { key, ...NOTHING };
  const { rows } = await db.query<SidesRecord & Link>(sidesSql(stores, options), [
    id,
    key,
    options.known?.hash ?? null,
  ]);
  const [found] = rows;
  if (!found) return { key, ...NOTHING };
  return {
    key: found.key ?? key,
    row: found.inside === true ? rowOf(found) : null,
    link: found.link === null ? null : linkOf(found, found.link),
    stage: found.stage,
    state: found.isKnown ? (options.known?.state ?? null) : found.state,
    stateHash: found.stateHash,
    held: found.held,
  };
}

const NOTHING = { row: null, link: null, stage: null, state: null, stateHash: null, held: null };

const rowOf = ({ owner, revision, xmin, cohort, content }: SidesRecord): SideRow => ({
  owner,
  revision,
  xmin,
  cohort,
  content,
});

const LINK_PREFIX = 'dp_link_';

function linkOf(found: object, id: string): Link {
  const entries = Object.entries(found).flatMap(([name, value]) =>
    name.startsWith(LINK_PREFIX) ? [[name.slice(LINK_PREFIX.length), value]] : [],
  );
  return { ...Object.fromEntries(entries), id } as Link;
}

/** `$1` is the id, `$2` its key, `$3` the hash of the state that is known. */
function sidesSql(
  stores: Stores,
  { lock, content }: { readonly lock: boolean; readonly content: 'changed' | 'always' },
): string {
  const { legacy, localFirst } = stores;
  const held = lock ? 'for no key update' : '';
  const text = `l.dp_content::text`;
  return `with l as materialized (
      select ${keySql(legacy)} as dp_key, ${legacy.owner.quoted}::text as dp_owner,
             ${legacy.content.quoted} as dp_content,
             ${legacy.revision ? `${legacy.revision.quoted}::text` : 'null::text'} as dp_revision,
             xmin::text as dp_xmin, coalesce(${whereSql(legacy)}, false) as dp_inside
        from ${legacy.quoted} where ${legacy.id.quoted} = $1::text::${typeSql(legacy.id)} ${held}
    ), d as materialized (
      select ${LINK_COLUMNS} from dualpath.documents
       where id = coalesce((select dp_key from l), $2::text) ${held}
    ), s as materialized (
      select ${localFirst.state.quoted} as dp_state, sha256(${localFirst.state.quoted}) as dp_hash from ${localFirst.quoted}
       where ${localFirst.id.quoted} = (select id from d)::text::${typeSql(localFirst.id)} ${held}
    )
    select l.dp_key as key, l.dp_inside as inside, l.dp_owner as owner, l.dp_revision as revision, l.dp_xmin as xmin,
           ${cohortSql(stores, 'l.dp_owner')} as cohort,
           ${content === 'always' ? text : `case when l.dp_xmin is distinct from d."rowXmin" then ${text} end`} as content,
           d.id as link, ${linkAliases()},
           c.stage, case when s.dp_hash is distinct from $3::bytea then s.dp_state end as state,
           s.dp_hash = $3::bytea as "isKnown", s.dp_hash as "stateHash",
           case when q.document_id is not null then jsonb_build_object('id', q.document_id, 'cohort', q.cohort,
             'code', q.code, 'reason', q.reason, 'legacyXmin', q.legacy_xmin) end as held
      from (select) one left join l on true left join d on true left join s on true
           left join dualpath.cohorts c on c.name = d.cohort
           left join dualpath.quarantine q on q.document_id = coalesce(l.dp_key, $2::text)`;
}

/** The names of `Link` but its id, told apart from those of the row. */
const LINK_NAMES: readonly (keyof Link)[] = [
  'cohort',
  'authority',
  'fingerprint',
  'legacyRevision',
  'owner',
  'lineage',
  'version',
  'head',
  'headHash',
  'observed',
  'rowXmin',
  'rowFingerprint',
  'revisionShared',
  'mergedVersion',
  'proofLegacyXmin',
  'proofLocalXmin',
  'proofHead',
  'deletedAt',
];

const linkAliases = (): string =>
  LINK_NAMES.map((name) => `d."${name}" as "${LINK_PREFIX}${name}"`).join(', ');
