import { setMaxListeners } from 'node:events';
import type { Stores } from '../documents/stores.ts';
import { DualpathError } from '../errors.ts';
import { classesOf, type SchoolClass } from './classes.ts';
import { pause, writeEveryDay } from './everyday.ts';
import { SCENES } from './scenes/index.ts';
import type { SchoolDay } from './school-day.ts';

export interface Students {
  /** Aborts when a save failed: then the demo shows nothing any more. */
  readonly trouble: AbortSignal;
  /** Sends them home once what is in hand is sent; throws what went wrong with any of them. Gives the scenes that took place. */
  stop(): Promise<readonly string[]>;
}

/** What a teacher needs: told once of each merge that was looked at. */
export interface Teacher {
  readonly note: (line: string) => void;
  /** Looks at the merges that hold a flip, and gives a sentence of each. */
  review(): Promise<readonly string[]>;
}

/** A teacher looks so often. Milliseconds. */
const REVIEW_MS = 1_500;

/**
 * A student in each cohort who writes all the while, in the editor that `pathFor` names; what happens once, each on a
 * document of its own; and a teacher. Each word is unique and noted in `written_words`, so that afterwards the database
 * itself can be asked which words are missing and which stand twice.
 */
export async function startStudents(
  today: Omit<SchoolDay, 'signal'>,
  stores: Stores,
  teacher: Teacher,
): Promise<Students> {
  const classes = await classesOf(today.pool, stores);
  const end = new AbortController();
  // Everybody listens for the end of the day in each pause.
  setMaxListeners(0, end.signal);
  const trouble = new AbortController();
  const day = { ...today, signal: end.signal };
  const scenes = scenesIn(classes);
  const took: string[] = [];
  const playing = scenes.map(async ({ name, play, cohort, document }) => {
    const what = await play(day, cohort, document).catch(brokenOff);
    if (what === null) return;
    took.push(name);
    teacher.note(what);
  });
  const taken = new Set(scenes.map(({ document }) => document));
  const writing = classes.map(async ({ cohort, documents }) => {
    const free = documents.filter((document) => !taken.has(document));
    // In a very small class somebody has to write where a scene plays, or nothing would be seen of its bake.
    const theirs = free.length > 0 ? free : documents;
    if (theirs.length > 0) await writeEveryDay(day, theirs, `student of ${cohort}`);
  });
  const work = [...playing, ...writing, reviewEveryDay(day, teacher)].map((each) =>
    each.catch((error: unknown) => trouble.abort(error)),
  );
  return {
    trouble: trouble.signal,
    async stop() {
      end.abort();
      await Promise.all(work);
      trouble.signal.throwIfAborted();
      await lookAt(day, teacher);
      return SCENES.map(({ name }) => name).filter((name) => took.includes(name));
    },
  };
}

/** Each scene with a document of its own; where a class has none left, it does not take place. */
const scenesIn = (classes: readonly SchoolClass[]) =>
  classes.flatMap(({ cohort, documents }, place) =>
    SCENES.filter((scene) => scene.place === place).flatMap((scene, index) => {
      const document = documents[index];
      return document ? [{ ...scene, cohort, document }] : [];
    }),
  );

/** A document that was set aside for a fault is written by nobody's editor any more; the count will show what that cost. */
function brokenOff(error: unknown): null {
  if (error instanceof DualpathError && error.code === 'quarantined') return null;
  throw error;
}

async function reviewEveryDay(day: SchoolDay, teacher: Teacher): Promise<void> {
  while (!day.signal.aborted) {
    await lookAt(day, teacher);
    await pause(day, REVIEW_MS);
  }
}

async function lookAt({ pool }: SchoolDay, { review, note }: Teacher): Promise<void> {
  const { rows } = await pool.query<{ waiting: boolean }>(
    `select exists (select from dualpath.conflicts where resolved_at is null and class = 'needs-review') as waiting`,
  );
  if (rows[0]?.waiting) for (const line of await review()) note(line);
}
