import { shellWord } from '../core/shell-word.ts';
import type { Sides } from '../documents/sides.ts';
import { DualpathError } from '../errors.ts';

/**
 * The sides of a document whose legacy row is there.
 * @throws DualpathError `deleted` or `not-found`
 */
export function requireThere(sides: Sides, id: string): Sides & { readonly row: NonNullable<Sides['row']> } {
  const { row, link } = sides;
  if (row !== null) return { ...sides, row };
  throw link === null ? notFound(id) : deleted(id);
}

export const notFound = (id: string): DualpathError =>
  new DualpathError(
    'not-found',
    'There is no such document: the legacy table has no row of this id that is a document.',
    'Insert its row first; saving and pushing never creates a document.',
    { details: { document: id }, exitCode: 2 },
  );

export const deleted = (id: string, facts: Readonly<Record<string, unknown>> = {}): DualpathError =>
  new DualpathError(
    'deleted',
    'The document was deleted; its versions are kept.',
    `Tell the user; \`dualpath recover ${shellWord(id)}\` lists every kept version of it.`,
    { details: { document: id, ...facts }, exitCode: 2 },
  );

export const notEnrolled = (id: string): DualpathError =>
  new DualpathError(
    'not-enrolled',
    'The document is in no started cohort, so it has no local-first form yet.',
    'Open it with the legacy editor; `pathFor` says which editor to open.',
    { details: { document: id }, exitCode: 5 },
  );

export const quarantined = (id: string, code: string): DualpathError =>
  new DualpathError(
    'quarantined',
    'The document is held on the legacy path, because it does not convert exactly.',
    'Open it with the legacy editor; `dualpath quarantine list` says why it is held.',
    { details: { document: id, reason: code }, exitCode: 5 },
  );
