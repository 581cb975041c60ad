import { unclear, unexpected } from './flag-trouble.ts';
import { FLAG_ROLES, type FlagRole, type Stage } from './model.ts';
import { isCompleting } from './moves.ts';
import type { CohortObservation } from './observation.ts';
import { shellWord } from './shell-word.ts';
import { TRANSITIONS } from './transitions.ts';

/** What keeps a cohort where it is besides the gates. */
export interface Condition {
  readonly condition:
    | 'in-file'
    | 'lease'
    | 'running'
    | 'flags'
    | 'earlier-cohort'
    | 'drift'
    | 'unfinished'
    | 'start'
    | 'approval'
    | 'run';
  readonly observed: string;
  readonly wanted: string;
  readonly because: string;
  /** Null: nobody knows since when. */
  readonly since: string | null;
  /** What a person does, or waits for, to have it met; commands can be pasted. */
  readonly clears: string;
}

/** What of a cohort is not decided on and is told: since when it is so, and who changed a flag. */
export interface Seen {
  readonly stageSince: Date;
  readonly pausedSince: Date | null;
  /** Why a flag cannot be relied on, a sentence each; `clears` where more is known than to put it back. */
  readonly doubts: Readonly<Record<FlagRole, readonly Doubt[]>>;
}

export interface Doubt {
  readonly because: string;
  readonly since: string | null;
  readonly clears?: string;
}

/** Every unmet condition of a cohort, each by itself: one that is paused and whose flag was changed has two. Pure. */
export function conditionsOf(o: CohortObservation, seen: Seen): readonly Condition[] {
  if (o.stage === 'completed') return [];
  return [
    ...running(o, seen),
    ...FLAG_ROLES.flatMap((role) => flag(o, role, seen)),
    ...earlierCohort(o),
    ...drift(o),
    ...nextStep(o, seen),
  ];
}

/** The command that gives an approval. */
export const approving = (cohort: string, ask: 'flip' | 'complete'): string =>
  ask === 'flip'
    ? `\`dualpath flip ${shellWord(cohort)}\``
    : `\`dualpath complete ${shellWord(cohort)} --reason "why" --yes\``;

function running({ name, status }: CohortObservation, { pausedSince }: Seen): readonly Condition[] {
  if (status === 'running') return [];
  const clears = `\`dualpath resume ${shellWord(name)}\``;
  return [
    {
      condition: 'running',
      observed: 'paused',
      wanted: 'running',
      because: `${name} is paused`,
      since: pausedSince?.toISOString() ?? null,
      clears,
    },
  ];
}

function flag(o: CohortObservation, role: FlagRole, { doubts }: Seen): readonly Condition[] {
  const trouble = unclear(o, role) ?? unexpected(o, role);
  if (!trouble) return [];
  const common = { condition: 'flags', observed: o.flags[role], wanted: 'what dualpath confirmed' } as const;
  const putBack = 'putting the flag back at its provider: dualpath does not overwrite what somebody else set';
  if ('action' in trouble)
    return [
      {
        ...common,
        because: `a write of flag ${role} was begun, and its outcome is not known`,
        since: null,
        clears: `${resuming(o)}, which looks what became of it`,
      },
    ];
  const known = doubts[role].map((doubt) => ({ ...common, clears: putBack, ...doubt }));
  if (known.length > 0) return known;
  const wayBack = 'to' in TRANSITIONS[o.stage].rollback;
  const back = `\`dualpath rollback ${shellWord(o.name)} --reason "why"\``;
  return [{ ...common, because: trouble.refuse, since: null, clears: wayBack ? back : putBack }];
}

const NEXT: Readonly<Partial<Record<Stage, 'start' | 'flip' | 'complete'>>> = {
  planned: 'start',
  'rolled-back': 'start',
  soaking: 'flip',
  'cutting-over': 'flip',
  baking: 'complete',
};

function earlierCohort(o: CohortObservation): readonly Condition[] {
  const ask = NEXT[o.stage];
  const [first] = ask ? o.standing.heldBackBy[ask] : [];
  if (first === undefined) return [];
  return [
    {
      condition: 'earlier-cohort',
      observed: `${first} is not as far`,
      wanted: `${first} as far`,
      because: `${first} is a percentage, which cannot be left out of a later cohort, and is not as far`,
      since: null,
      clears: `taking ${first} as far first; \`dualpath why ${shellWord(first)}\` says what that needs`,
    },
  ];
}

/** Where gates are judged, one of them says it. */
function drift({ name, stage, drift: count }: CohortObservation): readonly Condition[] {
  if (count === 0 || stage !== 'cutting-over') return [];
  const word = shellWord(name);
  return [
    {
      condition: 'drift',
      observed: String(count),
      wanted: '0',
      because: `drift ${count} > 0`,
      since: null,
      clears: `\`dualpath verify ${word} --repair\`, after a look at the documents that \`dualpath verify ${word} --dry-run\` lists`,
    },
  ];
}

/** That somebody asks for the next step, or asks again for one that was interrupted. */
function nextStep(o: CohortObservation, { stageSince }: Seen): readonly Condition[] {
  const since = stageSince.toISOString();
  const word = shellWord(o.name);
  switch (o.stage) {
    case 'planned':
    case 'rolled-back': {
      const again = o.stage === 'rolled-back';
      const because = again
        ? 'it was rolled back, and only a person starts it again'
        : 'nobody has started it yet';
      const clears = `\`dualpath start ${word}\`${again ? '' : inTurn(o)}`;
      return [{ condition: 'start', observed: o.stage, wanted: 'started', because, since, clears }];
    }
    case 'soaking':
      return [asked(o, 'flip', since)];
    case 'baking':
      return [isCompleting(o) ? unfinished(o, since) : asked(o, 'complete', since)];
    default:
      return [unfinished(o, since)];
  }
}

const inTurn = ({ standing: { unsettled } }: CohortObservation): string =>
  unsettled.length === 0
    ? ', or `dualpath run`'
    : `; \`dualpath run\` waits for ${unsettled.join(', ')} to be completed, or to bake with every gate passing`;

function asked(o: CohortObservation, ask: 'flip' | 'complete', since: string): Condition {
  const gates = 'once every gate passes';
  if (o.approval[ask] === 'manual')
    return {
      condition: 'approval',
      observed: 'not given',
      wanted: ask,
      because: `approval of ${ask} is manual, and it was not given`,
      since,
      clears: `${approving(o.name, ask)}, ${gates}`,
    };
  return {
    condition: 'run',
    observed: 'not run',
    wanted: ask,
    because: `approval of ${ask} is auto, and nobody ran it yet`,
    since,
    clears: `\`dualpath run\`, ${gates}`,
  };
}

const unfinished = (o: CohortObservation, since: string): Condition => ({
  condition: 'unfinished',
  observed: o.stage,
  wanted: 'finished',
  because: `it was interrupted in ${o.stage}`,
  since,
  clears: `${resuming(o)}, which goes on where it stopped`,
});

/** The command that takes a cohort up where it stands. */
function resuming({ name, stage }: CohortObservation): string {
  const word = shellWord(name);
  switch (stage) {
    case 'soaking':
    case 'cutting-over':
      return `\`dualpath flip ${word}\``;
    case 'baking':
    case 'completed':
      return approving(name, 'complete');
    case 'rolling-back':
      return `\`dualpath rollback ${word} --reason "why"\``;
    default:
      return `\`dualpath start ${word}\``;
  }
}
