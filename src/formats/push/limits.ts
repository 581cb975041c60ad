import { MAX_CONTENT_BYTES, MAX_NODE_DEPTH } from '../limits.ts';

/**
 * What one update of a device may be, looked at before anything is applied. Each limit is far above what an editor sends
 * after weeks offline and below what hurts the server that takes it in.
 */

/** Bytes of one update: as large as a document may be, so that a whole one can still be sent at once. */
export const MAX_UPDATE_BYTES = MAX_CONTENT_BYTES;

/**
 * Structs of one update, and ranges of deletions. Yjs joins what is typed in one go, so a year of daily work on one
 * document comes to some 100,000; twice that takes Yjs a second and 150 MB.
 */
export const MAX_UPDATE_STRUCTS = 200_000;

/** Client ids of one update: an editor draws one each time it is opened, so a whole document can hold thousands. */
export const MAX_UPDATE_CLIENTS = 20_000;

/**
 * Characters that an update may claim without carrying them: deleted ones (an editor that collects garbage keeps only
 * their number) and gaps. 14 bytes can claim any number, and whatever the client really writes under those clocks
 * later would be taken for held already. Nobody deletes more than a document can hold.
 */
export const MAX_BARE_CLOCKS = MAX_CONTENT_BYTES;

/** One session counts its characters from zero; 2^31 of them are sixty years of typing, and readers in Rust count in 32 bits. */
export const MAX_CLOCK = 2 ** 31 - 1;

/**
 * How far past what is held an update may start. The updates between would have to carry all that lies between.
 */
export const MAX_CLOCK_JUMP = MAX_CONTENT_BYTES;

/** Types inside types: those of a document and its roots. Yjs deletes by recursion and overflows near 2,000. */
export const MAX_TYPE_DEPTH = MAX_NODE_DEPTH;
