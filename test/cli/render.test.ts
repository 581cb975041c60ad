import { describe, expect, it } from 'vitest';
import { renderDemo } from '../../src/cli/render/demo.ts';
import { milestones } from '../../src/cli/render/milestones.ts';
import { renderMove } from '../../src/cli/render/move.ts';
import { renderPlan } from '../../src/cli/render/plan.ts';
import { renderQuarantine } from '../../src/cli/render/quarantine.ts';
import { renderSoak } from '../../src/cli/render/soak.ts';
import { renderStatus } from '../../src/cli/render/status.ts';
import { renderVerify } from '../../src/cli/render/verify.ts';
import { renderWhy } from '../../src/cli/render/why.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import type { CohortStatus, DemoSummary, PlannedCohort, VerifyReport } from '../../src/controller.ts';
import { GATE_NAMES } from '../../src/core/gates.ts';
import { cohortOf, gateOf, reportOf } from '../report/soak-reports.ts';
import { screenOf, widest } from './streams.ts';

const OPEN = gateOf('observations', 'inconclusive', 'observations 2,998 < 3,000');
const JUDGED = GATE_NAMES.map((name) => (name === OPEN.gate ? OPEN : gateOf(name, 'pass')));
const statusOf = (name: string, more: Partial<CohortStatus> = {}): CohortStatus => ({
  name,
  stage: 'cutting-over',
  status: 'running',
  authority: 'local-first',
  members: 1_000_000,
  moving: 0,
  documents: {
    total: 1_234_567,
    migrated: 1_234_567,
    proven: 1_234_567,
    quarantined: 12,
    drift: 3,
    localFirst: 0,
  },
  gates: [gateOf('coverage', 'pass'), OPEN],
  waitingFor: [
    'observations 2,998 < 3,000',
    'mismatch-rate 0.3482 > 0.06 (0 of 7 differ, upper bound at 0.95)',
  ],
  since: '2026-03-01T04:05:06.000Z',
  lease: null,
  ...more,
});
const STATUS = { cohorts: [statusOf('staff'), statusOf('pilot-school', { waitingFor: [] })] };

const planned: PlannedCohort = {
  name: 'everyone',
  stage: 'planned',
  members: 12_000,
  documents: 34_567,
  bytes: 987_654_321,
  shared: 1,
  exact: 34_560,
  normalised: [
    { document: 'd-1', notes: ['left out attributes that are null'] },
    { document: 'd-2', notes: ['left out attributes that are null'] },
  ],
  normalisedTotal: 2,
  unconvertible: [{ document: `d-${'9'.repeat(5_000)}`, reason: 'nested deeper than 256 nodes' }],
  unconvertibleTotal: 1,
  unmirrored: [{ document: 'd-3', constructs: 2 }],
  unmirroredTotal: 1,
  flagChanges: [
    'start: local-first.dual-write gets “dualpath: everyone”: everyone, school not in lincoln-high',
  ],
  impossibleGates: ['soak quarantine passes never: unconvertible 1 > 0: they will be held on legacy'],
  forecastSeconds: 400,
};

const verified: VerifyReport = {
  cohorts: [
    {
      name: 'everyone',
      compared: 1_234_567,
      matched: 1_234_566,
      missing: 1,
      extra: 0,
      quarantined: 0,
      repaired: 0,
      driftTotal: 1,
      drift: [
        {
          document: '4f1c8a52-6a0e-4b4e-9d5a-0d1f0e6e7a11',
          class: 'missing',
          detail: 'the document has no row in the local-first table, and its link says that it had one',
        },
      ],
      notRepaired: [],
      unsettledTotal: 2,
      unsettled: [{ document: 'd', because: 'kept locked by process 4711' }],
      durationMs: 1234,
    },
  ],
};

const held = [
  {
    document: 'd-1',
    cohort: 'everyone',
    code: 'too-deep',
    reason: 'the document is nested 5,000 deep, and 256 is as deep as every editor can open',
    since: '2026-03-01T04:05:06.000Z',
  },
];

const explained = {
  cohort: 'staff',
  stage: 'soaking',
  status: 'running',
  since: '2026-03-01T04:05:06.000Z',
  gates: [
    { ...gateOf('coverage', 'pass'), clears: 'nothing' },
    { ...OPEN, clears: '2 more written revisions that `dualpath soak staff` compares' },
  ],
  conditions: [
    {
      condition: 'approval',
      observed: 'not given',
      wanted: 'flip',
      because: 'approval of flip is manual, and it was not given',
      since: '2026-03-01T04:05:06.000Z',
      clears: '`dualpath flip staff`, once every gate passes',
    },
    {
      condition: 'flags',
      observed: 'drifted',
      wanted: 'what dualpath confirmed',
      because: 'local-first.dual-write: “dualpath: everyone” changed, not by dualpath',
      since: null,
      clears: 'putting the flag back at its provider, or `dualpath rollback staff --reason "why"`',
    },
  ],
  waitingFor: ['observations 2,998 < 3,000'],
} as const;

const ANSWERS: Readonly<Record<string, (columns: number | null) => string>> = {
  status: (columns) => renderStatus(STATUS, screenOf(columns).terminal),
  why: (columns) => renderWhy(explained, screenOf(columns).terminal),
  plan: (columns) => renderPlan({ cohorts: [planned], warnings: [] }, screenOf(columns).terminal),
  soak: (columns) => renderSoak(reportOf(cohortOf('staff', JUDGED)), screenOf(columns).terminal),
  verify: (columns) => renderVerify(verified, screenOf(columns).terminal),
  'quarantine list': (columns) => renderQuarantine(held, screenOf(columns).terminal),
  'start that waits': (columns) =>
    renderMove({ ...STATUS, outcome: 'not-yet', because: 'not due', steps: [] }, screenOf(columns).terminal)
      .text,
};

describe.each(Object.entries(ANSWERS))('%s', (_, render) => {
  it.each([80, 120, 160])('fits %i columns', (columns) => {
    expect(widest(render(columns))).toBeLessThanOrEqual(columns);
  });

  it('has no colour in a pipe', () => {
    expect(render(null)).not.toContain('\u001b');
  });
});

describe('status', () => {
  it('is a line a cohort in a pipe, with all that it waits for', () => {
    const lines = renderStatus(STATUS, screenOf(null).terminal).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^staff +cutting-over +local-first .*upper bound at 0\.95\)$/);
  });

  it.each([
    ['cutting-over', 'documents 1,200 of 4,000 moved'],
    ['rolling-back', 'documents 2,800 of 4,000 back on legacy'],
  ] as const)('says of one that is %s how many documents moved, of how many', (stage, said) => {
    const documents = {
      total: 4_000,
      migrated: 4_000,
      proven: 0,
      quarantined: 0,
      drift: 0,
      localFirst: 1_200,
    };
    const text = renderStatus(
      { cohorts: [statusOf('staff', { stage, documents })] },
      screenOf(null).terminal,
    );
    expect(text).toContain(said);
  });

  it('says that a cohort is paused, and how many documents move in or out', () => {
    const text = renderStatus(
      { cohorts: [statusOf('staff', { status: 'paused', moving: 4 })] },
      screenOf(null).terminal,
    );
    expect(text).toContain('cutting-over, paused');
    expect(text).toContain('(4 moving)');
  });
});

describe('plan', () => {
  const documents = Array.from({ length: 1_000 }, (_, n) => ({ document: `d-${n}`, reason: 'no document' }));
  const shown = (listed: number, total: number): string => {
    const cohort = { ...planned, unconvertible: documents.slice(0, listed), unconvertibleTotal: total };
    return renderPlan({ cohorts: [cohort], warnings: [] }, screenOf(null).terminal);
  };

  it('lists twenty documents that cannot convert, and says how many more there are and how to see them', () => {
    const text = shown(30, 30);
    expect(text.match(/^ +d-\d+ +no document$/gm)).toHaveLength(20);
    expect(text).toMatch(/^ +… and 10 more: `dualpath plan everyone --json` names them all$/m);
  });

  it('says so where even --json does not name them all', () => {
    expect(shown(1_000, 34_000)).toMatch(/… and 33,980 more: `dualpath plan everyone --json` names 1,000$/m);
  });

  it('says nothing of the kind where all are listed', () => {
    expect(shown(20, 20)).not.toContain('more');
  });
});

describe('on 60 columns', () => {
  it.each(['why', 'soak'])('%s has no line that the terminal would break', (name) => {
    expect(widest(ANSWERS[name]?.(60) ?? '')).toBeLessThanOrEqual(60);
  });

  it('why places a command with the config that it gets', () => {
    const { streams } = screenOf(60);
    const terminal = openTerminal({ json: false, color: false, config: 'my.yaml' }, streams);
    const text = renderWhy(explained, terminal);
    expect(text).toContain('`dualpath soak staff --config my.yaml` compares');
    expect(widest(text)).toBeLessThanOrEqual(60);
  });
});

describe('why', () => {
  it('shows each unmet gate: observed, wanted, since when, and what would clear it', () => {
    const text = renderWhy(explained, screenOf(null).terminal);
    expect(text).toContain('staff is soaking since 2026-03-01 04:05:06Z');
    expect(text).toMatch(/observations: not yet\n +because .*\n +since .*Z\n +clears by +2 more/);
    expect(text).toContain('pass: coverage');
  });

  it('names an approval that was not given, and the command that gives it', () => {
    const text = renderWhy(explained, screenOf(null).terminal);
    expect(text).toMatch(/approval: not given\n +because .*\n +since .*Z\n +clears by `dualpath flip staff`/);
  });

  it('leaves out since when, where nobody knows', () => {
    expect(renderWhy(explained, screenOf(null).terminal)).toMatch(
      /flags: drifted\n +because .*\n +clears by/,
    );
  });
});

describe('plan', () => {
  it('counts what is normalised by what is done, and names what cannot convert', () => {
    const text = renderPlan({ cohorts: [planned], warnings: [] }, screenOf(null).terminal);
    expect(text).toContain('normalised, 2 documents: left out attributes that are null');
    expect(text).toMatch(/d-9+… \(5,002 characters\) +nested deeper than 256 nodes/);
  });
});

describe('a command that moves a cohort', () => {
  const report = { ...STATUS, because: 'staff is soaking', steps: ['staff: 42 documents copied'] };

  it('does not say again what it said while it did it', () => {
    const { text, exit } = renderMove({ ...report, outcome: 'moved' }, screenOf(null).terminal);
    expect(text).not.toContain('42 documents copied');
    expect(exit).toBe(0);
  });

  it('says what it would do', () => {
    const { text } = renderMove({ ...report, outcome: 'would' }, screenOf(null).terminal);
    expect(text).toContain('would  staff: 42 documents copied');
  });

  it.each([
    ['failed', 3],
    ['not-yet', 4],
  ] as const)('that %s ends with %i', (outcome, exit) => {
    expect(renderMove({ ...report, outcome }, screenOf(null).terminal).exit).toBe(exit);
  });
});

describe('the demo', () => {
  it('says where a cohort comes to rest, and what was done on the way', () => {
    const lines: string[] = [];
    const tell = milestones((line) => lines.push(line));
    tell({ cohort: 'staff', did: 'planned → dual-writing', entered: 'dual-writing' });
    tell({ cohort: 'staff', did: 'dual_write is on', entered: null });
    tell({ cohort: 'tenth', did: 'something else', entered: null });
    tell({ cohort: 'staff', did: '42 documents copied', entered: null });
    tell({ cohort: 'staff', did: 'backfilling → soaking', entered: 'soaking' });
    expect(lines).toEqual(['staff is soaking: dual_write is on, 42 documents copied']);
  });

  it('sums up what became of saves, pushes and merges in plain words, and what the words came to', () => {
    const lines = renderDemo(demoed({}), screenOf(120, { color: false }).terminal).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        '  writes meanwhile  1,510 in 92 s (staff 1,110, everyone 400)',
        '  whole documents   1,002: 990 saved as they were, 12 merged with what others wrote',
        "  devices' updates  508: 500 taken in as they were, 7 merged with what others wrote, 1 pending",
        '  merges to review  2 looked at by a teacher, 0 waiting; 3 more only noted',
        '  words written     1,234, each looked for in both stores',
        '  words lost        0',
        '  words doubled     0',
      ]),
    );
    expect(lines.join('\n')).not.toMatch(/not acknowledged|as it should be/);
  });

  it('says plainly what is not as it should be', () => {
    const text = renderDemo(demoed({ sound: false, unsettled: 4, lost: 1 }), screenOf(null).terminal);
    expect(text).toMatch(/not acknowledged +4\n +words lost +1\n/);
    expect(text).toContain('This is not as it should be.');
  });

  it.each([60, 80])('fits %d columns', (columns) => {
    expect(widest(renderDemo(demoed({}), screenOf(columns).terminal))).toBeLessThanOrEqual(columns);
  });
});

const demoed = (more: Partial<DemoSummary>): DemoSummary => ({
  documents: 320,
  moved: 320,
  proven: 320,
  quarantined: 0,
  words: 1_234,
  unsettled: 0,
  lost: 0,
  doubled: 0,
  saves: { merged: 12, saved: 990 },
  pushes: { pending: 1, applied: 500, merged: 7 },
  conflicts: { notice: 3, reviewed: 2, open: 0 },
  cohorts: [
    { name: 'staff', documents: 40, saves: 602, pushes: 508 },
    { name: 'everyone', documents: 280, saves: 400, pushes: 0 },
  ],
  sound: true,
  scenes: ['bus-ride'],
  seconds: 92.4,
  config: '.dualpath/demo.yaml',
  unleash: null,
  ...more,
});
