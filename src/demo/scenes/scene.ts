import type { SchoolDay, SchoolDocument } from '../school-day.ts';

/**
 * Something that happens once, in one cohort, to a document that nobody else writes to. Gives what happened as a sentence;
 * null: everybody went home before it could. Whatever it typed is sent by then.
 */
export type Scene = (day: SchoolDay, cohort: string, document: SchoolDocument) => Promise<string | null>;
