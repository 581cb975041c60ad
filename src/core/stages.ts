import type { FlagRole, Stage } from './model.ts';

/** What can move a cohort: four things a person asks for, and the confirmation of what the stage itself asked for. */
export const TRIGGERS = ['start', 'confirmed', 'flip', 'complete', 'rollback'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** A stage that ends in -ing may still be writing its flag; one that ends in -ed has seen it confirmed. */
export type FlagState = 'on' | 'off' | 'turning-on' | 'turning-off';
/** Which store is right for a cohort's documents; each moves alone, on its own proof. */
export type StageAuthority = 'legacy' | 'local-first' | 'to-local-first' | 'to-legacy';
export type StageFlags = Readonly<Record<FlagRole, FlagState>>;

interface StageFacts {
  readonly flags: StageFlags;
  readonly authority: StageAuthority;
  /** Its documents are seeded and written to both stores, and the rollback window is open. */
  readonly started: boolean;
  /** Rounds compare its documents and gates are judged. */
  readonly judged: boolean;
}

const FACTS: Readonly<Record<Stage, StageFacts>> = {
  planned: {
    flags: { dual_write: 'off', default: 'off' },
    authority: 'legacy',
    started: false,
    judged: false,
  },
  'dual-writing': {
    flags: { dual_write: 'on', default: 'off' },
    authority: 'legacy',
    started: true,
    judged: false,
  },
  backfilling: {
    flags: { dual_write: 'on', default: 'off' },
    authority: 'legacy',
    started: true,
    judged: false,
  },
  soaking: {
    flags: { dual_write: 'on', default: 'off' },
    authority: 'legacy',
    started: true,
    judged: true,
  },
  'cutting-over': {
    flags: { dual_write: 'on', default: 'turning-on' },
    authority: 'to-local-first',
    started: true,
    judged: false,
  },
  baking: {
    flags: { dual_write: 'on', default: 'on' },
    authority: 'local-first',
    started: true,
    judged: true,
  },
  completed: {
    flags: { dual_write: 'off', default: 'on' },
    authority: 'local-first',
    started: true,
    judged: false,
  },
  'rolling-back': {
    flags: { dual_write: 'on', default: 'turning-off' },
    authority: 'to-legacy',
    started: true,
    judged: false,
  },
  'rolled-back': {
    flags: { dual_write: 'off', default: 'off' },
    authority: 'legacy',
    started: true,
    judged: false,
  },
};

export const flagsOf = (stage: Stage): StageFlags => FACTS[stage].flags;
export const authorityOf = (stage: Stage): StageAuthority => FACTS[stage].authority;
/** True from `start` on, `rolled-back` and `completed` included: its definition is fixed and its documents are enrolled. */
export const isStarted = (stage: Stage): boolean => FACTS[stage].started;
export const isJudged = (stage: Stage): boolean => FACTS[stage].judged;
