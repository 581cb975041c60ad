import { readLegacyRows } from '../documents/legacy.ts';
import { readLinks } from '../documents/links.ts';
import { readStates } from '../documents/local-first.ts';
import type { Stores } from '../documents/stores.ts';
import { DualpathError, UsageError } from '../errors.ts';
import type { Content } from '../formats/index.ts';
import { decodeState, readLegacy } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';

/** One place where the two sides differ. The contents are there only when they were asked for. */
export interface Difference {
  readonly path: string;
  readonly what: string;
  readonly legacy?: string;
  readonly localFirst?: string;
}

export interface DiffReport {
  readonly document: string;
  readonly authority: string | null;
  readonly equal: boolean;
  readonly because: string;
  readonly legacy: {
    readonly revision: string | null;
    readonly fingerprint: string | null;
    readonly bytes: number | null;
  };
  readonly localFirst: {
    readonly head: string | null;
    readonly fingerprint: string | null;
    readonly bytes: number | null;
  };
  readonly differences: readonly Difference[];
}

/** As many places as a person reads. */
const MOST = 50;

/**
 * Both sides of one document, as they are now, compared node by node.
 * @throws UsageError `not-found` when neither store knows the document.
 */
export async function diffDocument(
  db: Queryable,
  stores: Stores,
  id: string,
  options: { readonly showContent: boolean },
): Promise<DiffReport> {
  const [[row], [link], [state]] = await Promise.all([
    readLegacyRows(db, stores, [id]),
    readLinks(db, [id]),
    readStates(db, stores, [id]),
  ]);
  if (!row && !link && !state)
    throw new UsageError(
      'not-found',
      'Neither store knows this document.',
      'Check the id; deleted documents keep theirs.',
      {
        document: id,
      },
    );
  const legacy = sideOf(() => (row?.content == null ? null : readLegacy(stores.shape.format, row.content)));
  const localFirst = sideOf(() => (state ? decodeState(state.state, stores.shape) : null));
  const equal = Boolean(legacy.content && localFirst.content?.fingerprint.equals(legacy.content.fingerprint));
  const differences =
    legacy.content && localFirst.content && !equal
      ? differencesBetween(legacy.content.value, localFirst.content.value, options.showContent).slice(0, MOST)
      : [];
  return {
    document: id,
    authority: link?.authority ?? null,
    equal,
    because: equal
      ? 'both sides are equal'
      : (legacy.because ??
        localFirst.because ??
        absence(row, link, state) ??
        `the two sides differ in ${differences.length === MOST ? `at least ${MOST}` : differences.length} place${differences.length === 1 ? '' : 's'}`),
    legacy: {
      revision: row?.revision ?? null,
      fingerprint: legacy.content?.fingerprint.toString('hex') ?? null,
      bytes: row?.bytes ?? null,
    },
    localFirst: {
      head: link?.head ?? null,
      fingerprint: localFirst.content?.fingerprint.toString('hex') ?? null,
      bytes: state?.state.byteLength ?? null,
    },
    differences,
  };
}

interface Side {
  readonly content: Content | null;
  readonly because: string | null;
}

function sideOf(read: () => Content | null): Side {
  try {
    return { content: read(), because: null };
  } catch (error) {
    if (error instanceof DualpathError) return { content: null, because: error.message };
    throw error;
  }
}

function absence(row: unknown, link: unknown, state: unknown): string | null {
  if (!row && !link) return 'the local-first row belongs to no document';
  if (!row) return 'the legacy row is gone';
  return state ? null : 'the document is not in the local-first store';
}

/** Walks two parsed contents together; where their shapes part, the place is named and not followed further. */
function differencesBetween(a: unknown, b: unknown, showContent: boolean, path = '$'): readonly Difference[] {
  if (Object.is(a, b)) return [];
  if (Array.isArray(a) && Array.isArray(b)) {
    const shared = Math.min(a.length, b.length);
    const inner = Array.from({ length: shared }, (_, index) =>
      differencesBetween(a[index], b[index], showContent, `${path}[${index}]`),
    ).flat();
    const length =
      a.length === b.length
        ? []
        : [{ path, what: `${a.length} items on legacy, ${b.length} on local-first` }];
    return [...length, ...inner];
  }
  if (isObject(a) && isObject(b))
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
      differencesBetween(a[key], b[key], showContent, `${path}.${key}`),
    );
  return [
    { path, what: `${kindOf(a)} on legacy, ${kindOf(b)} on local-first`, ...contents(a, b, showContent) },
  ];
}

const contents = (a: unknown, b: unknown, show: boolean): Partial<Difference> =>
  show ? { legacy: JSON.stringify(a) ?? '', localFirst: JSON.stringify(b) ?? '' } : {};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `text of ${value.length} characters`;
  return Array.isArray(value) ? `a list of ${value.length}` : typeof value;
}
