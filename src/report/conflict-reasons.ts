import type { MergeReason } from '../formats/index.ts';

/** What a merge met, in plain words. */
const MET: Readonly<Record<MergeReason, string>> = {
  'same-block': 'both sides changed the same block',
  'both-rewrote': 'both sides rewrote the same block; both versions stand, one after the other',
  'same-gap': 'both sides inserted something at the same place',
  'edit-in-deleted': 'one side edited a block that the other deleted',
  'attribute-clash': 'both sides changed the same formatting or attribute',
  'type-clash': 'both sides changed the type of the same block',
  'both-moved': 'both sides moved the same block, or a word',
  'deleted-stands': 'a word that one side deleted stands, as the other put it elsewhere',
  'repeated-words': 'five words in a row stand more often in the result than in either side',
  'side-shrank': 'one side lost more than 60 % of its words',
};

/** What the write path adds to it. */
const WRITTEN: Readonly<Record<string, string>> = {
  'base-inferred': 'what it was based on was inferred from likeness',
  'base-missing': 'nobody knows what it was based on',
  overwrote: 'it replaced the document, as what it was based on is unknown',
  'went-back': 'the row was set back to an earlier version; the document kept what came since',
};

/** Why a merge is recorded: each code with its sentence. */
export const MERGE_REASONS: Readonly<Record<string, string>> = { ...MET, ...WRITTEN };

/** Why an update was not made part of the document. */
export const REFUSALS: Readonly<Record<string, string>> = {
  pending: 'it waits for an earlier update that has not come',
  'builds-on-refused': 'it builds on an update that was refused',
  deleted: 'the document was deleted',
  'lineage-ended': 'it belongs to an earlier life of the document',
  'not-enrolled': 'the document was in no started cohort',
  quarantined: 'the document was held on legacy and never seeded',
  truncated: 'it is cut off',
  corrupt: 'it is damaged',
  'not-an-update': 'its bytes are no Yjs update',
  'ids-not-safe': 'it counts further than any editor does',
  'too-many-structs': 'it holds more than years of work',
  'too-many-clients': 'it names more clients than a document has',
  held: 'the document was held on legacy when it came',
  'document-unreadable': 'the document itself could not be read when it came',
  'foreign-client': 'it writes under the client id of another device',
  'second-seed': 'it is a whole document made apart, which would stand twice',
  'reused-id': 'it has other content under an id that is taken',
  'collected-id': 'it has text under an id of which only the deletion is known',
  'reserved-id': 'it writes under a client id that only dualpath writes under',
  unreadable: 'with it the document could not be read',
  'clock-jump': 'it counts further than any session does',
  'gc-struct': 'it takes ids away that other updates need',
  'wrong-root': 'it writes to a root that the document does not have',
  'wrong-content': 'it holds what a document of this format has no place for',
  'too-deep': 'it nests nodes too deeply',
  'too-large': 'the document would be too large with it',
  'not-stored': 'the database refuses to store the document with it',
  'mirror-altered': 'a trigger of the legacy table changes what is mirrored to it',
};

/** A reason's code in plain words; one that is not known here stands for itself. */
export const sayReason = (code: string): string =>
  MERGE_REASONS[code] ?? REFUSALS[code] ?? `refused as ${code}`;

const BASES: Readonly<Record<string, string>> = {
  named: 'named by the client',
  served: 'what its device was last served',
  session: 'what its session had pulled',
  linked: 'the content that it replaced',
  inferred: 'inferred from likeness',
  missing: 'unknown',
};

/** How the base of a merge was known. */
export const sayBase = (known: string): string => BASES[known] ?? known;
