import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { renderConflict } from '../../src/cli/render/conflict.ts';
import { renderConflicts, renderResolved } from '../../src/cli/render/conflicts.ts';
import { renderKept } from '../../src/cli/render/recover.ts';
import type {
  ConflictLine,
  ConflictReport,
  KeptLine,
  KeptReport,
  ResolveReport,
} from '../../src/controller.ts';
import { compareWords } from '../../src/formats/index.ts';
import { screenOf, widest } from './streams.ts';

const LINE: ConflictLine = {
  id: '7',
  document: 'd-1',
  cohort: 'everyone',
  class: 'needs-review',
  reasons: ['both-rewrote'],
  because: 'both sides rewrote the same block; both versions stand, one after the other',
  origin: 'push',
  device: 'phone',
  at: '2026-03-01T04:05:06.789Z',
  baseKnown: 'session',
  base: 'what its session had pulled',
  resolved: null,
};

const LONG =
  'The harbour was quiet when the first boats came in and nobody had expected so many of them'.split(' ');
const block = (
  base: string,
  legacy: string | null,
  local: string,
  result: string,
): ConflictReport['blocks'][number] => ({
  texts: { base, legacy, 'local-first': local, result },
  same: false,
  changes: {
    ...(legacy === null ? {} : { legacy: compareWords(base, legacy) }),
    'local-first': compareWords(base, local),
    result: compareWords(base, result),
  },
});
const SAME = { texts: { base: 'x', legacy: 'x', 'local-first': 'x', result: 'x' }, same: true, changes: {} };
const REPORT: ConflictReport = {
  ...LINE,
  sides: [
    { side: 'base', what: 'what both were made from', words: 20 },
    { side: 'legacy', what: 'the document before', words: 20 },
    { side: 'local-first', what: 'push of phone', words: 21 },
    { side: 'result', what: 'the document after', words: 22 },
  ],
  blocks: [
    SAME,
    SAME,
    block(
      LONG.join(' '),
      LONG.with(3, 'silent').join(' '),
      [...LONG, 'alas'].join(' '),
      `${LONG.with(3, 'silent').join(' ')} alas`,
    ),
    block('gone', null, 'gone not', 'gone not'),
    block('go', `go https://example.org/${'x'.repeat(90)}`, 'go \u001b[2J now', 'go 日本語'),
    SAME,
  ],
  formatting: false,
  update: null,
};

const shown = (columns: number | null, report = REPORT, color = true): string =>
  renderConflict(report, screenOf(columns, { color }).terminal);

/** Lines but the commands, which are never broken so that they can be pasted. */
const prose = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.includes('dualpath '))
    .join('\n');

describe('conflicts show', () => {
  it.each([40, 50, 60, 61, 80, 140, 200])('is no wider than a terminal of %i columns', (columns) => {
    expect(widest(prose(shown(columns)))).toBeLessThanOrEqual(columns);
  });

  it('puts the blocks side by side, one under the other on a narrow terminal and in a pipe', () => {
    expect(shown(80, REPORT, false)).toMatch(/base .*│ .*legacy .*│ .*local-first .*│ .*result/);
    for (const text of [shown(60), shown(null)]) {
      expect(text).not.toContain('│');
      expect(stripVTControlCharacters(text)).toMatch(/^base +The harbour/m);
      expect(stripVTControlCharacters(text)).toMatch(/^legacy +The harbour was \[-quiet-\]/m);
    }
  });

  it('marks changed words without colour, and says the same with it', () => {
    const [plain, coloured] = [shown(140, REPORT, false), shown(140)];
    expect(plain).toContain('{+silent+}');
    expect(plain).toContain('[-quiet-]');
    expect(stripVTControlCharacters(plain)).toBe(plain);
    expect(coloured).not.toBe(plain);
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });

  it('says how many blocks are the same, and where a side has none', () => {
    const text = shown(140, REPORT, false);
    expect(text).toContain('· 2 blocks the same in all');
    expect(text).toContain('· 1 block the same in all');
    expect(text).toContain('(no such block)');
  });

  it('lets no content move the cursor', () => {
    expect(shown(140, REPORT, false)).toContain('\\u001b[2J');
  });

  it('ends with commands that can be pasted as they stand', () => {
    for (const columns of [40, 140])
      expect(shown(columns, { ...REPORT, document: "it's" })).toContain(
        "dualpath recover 'it'\\''s' --conflict 7 --side legacy",
      );
  });

  it('has no command for what is closed', () => {
    const closed = { ...REPORT, resolved: { at: LINE.at, by: 'ann', keep: 'legacy' } };
    expect(shown(140, closed)).not.toContain('conflicts resolve');
  });

  it('of a refused update says where it is, and how it is dismissed', () => {
    const refused: ConflictReport = {
      ...REPORT,
      class: 'quarantine',
      sides: [],
      blocks: [],
      update: { seq: '4', updates: 1, bytes: 1234, joined: false, because: 'it is too deep' },
    };
    expect(shown(null, refused)).toContain('Update 4 of its log, 1,234 bytes, is kept beside the document');
    expect(shown(null, refused)).toMatch(/dismiss it +dualpath conflicts resolve 7 --keep merged/);
    const several = { seq: '9', updates: 3, bytes: 9, joined: true, because: '' };
    expect(shown(null, { ...refused, update: several })).toContain(
      'Update 9 of its log, 9 bytes, the last of 3 that build on each other, is kept and became part of the document later',
    );
  });
});

const COUNTS = { open: { needsReview: 1, quarantine: 0, notice: 80 }, resolved: 9 };

describe('conflicts list', () => {
  const list = (columns: number | null, conflicts: readonly ConflictLine[] = [LINE]) =>
    renderConflicts({ conflicts, counts: COUNTS }, screenOf(columns).terminal);

  it.each([50, 80, 140])('is no wider than a terminal of %i columns, reasons included', (columns) => {
    expect(widest(list(columns))).toBeLessThanOrEqual(columns);
    expect(list(columns).replace(/\s+/g, ' ')).toContain('both sides rewrote the same block');
  });

  it('says how many more there are', () => {
    const many = Array.from({ length: 90 }, (_, id) => ({ ...LINE, id: String(id) }));
    expect(list(140, many)).toContain('… and 40 more, see --json.');
    expect(list(140)).toContain('Open: 1 to review, 0 refused, 80 notices; resolved: 9.');
  });

  it('says so where there is none', () => {
    const counts = { open: { needsReview: 0, quarantine: 0, notice: 0 }, resolved: 0 };
    expect(renderConflicts({ conflicts: [], counts }, screenOf(80).terminal)).toBe('There is no conflict.');
  });
});

describe('conflicts resolve', () => {
  const RESOLVED: ResolveReport = {
    conflict: '7',
    document: 'd-1',
    cohort: 'everyone',
    keep: 'legacy',
    dryRun: false,
    changes: true,
    revision: '12',
    words: { before: 1_200, after: 1_190, added: 5, removed: 15 },
    writtenSince: true,
    behind: false,
    met: [],
  };
  const said = (more: Partial<ResolveReport>) =>
    renderResolved({ ...RESOLVED, ...more }, screenOf(null).terminal);

  it('says what became of the document', () => {
    expect(said({})).toBe(
      'Conflict 7 is closed: document d-1 is its legacy side with what was written to it since (1,200 → 1,190 words, 5 in, 15 out).\n' +
        'It is revision 12; what it replaced is kept.',
    );
    expect(said({ keep: 'merged', words: null, changes: false })).toBe(
      'Conflict 7 is closed: merged is kept, and document d-1 stays as it is.',
    );
  });

  it('says where the side met what was written since', () => {
    expect(said({ met: ['both sides changed the same block'] })).toContain(
      'Look at it: the side and what was written since met, as both sides changed the same block.',
    );
  });
});

describe('recover without an option', () => {
  const entry = (key: string, more: Partial<KeptLine> = {}): KeptLine => ({
    key,
    at: LINE.at,
    revision: null,
    version: null,
    origin: 'save',
    device: 'tablet',
    bytes: 1_234,
    kind: 'document',
    apart: null,
    because: null,
    ...more,
  });
  const KEPT: KeptReport = {
    document: 'd-1',
    deletedAt: null,
    kept: [
      entry('u9', { kind: 'update', origin: 'push', apart: 'too-deep', because: 'it is too deep' }),
      entry('u8', { revision: '4', version: '4' }),
      entry('v7', { revision: '3', version: '3', kind: 'content' }),
      entry('u6', { kind: 'update', origin: 'push' }),
      entry('r5', { kind: 'update', origin: 'rejected push', apart: 'deleted', because: 'it was deleted' }),
    ],
    conflicts: [{ id: '7', at: LINE.at, class: 'notice' }],
  };
  const list = (columns: number | null, report = KEPT) => renderKept(report, screenOf(columns).terminal);

  it.each([50, 80, 140])('is no wider than a terminal of %i columns', (columns) => {
    expect(widest(prose(list(columns)))).toBeLessThanOrEqual(columns);
  });

  it('names what is worth getting back, and leaves out what is only a step', () => {
    const text = list(null);
    expect(text).toMatch(/^u9 .*push of tablet, not in the document: it is too deep$/m);
    expect(text).toMatch(/^v7 .* 3 .*save of tablet, as it was sent$/m);
    expect(text).toMatch(/^r5 .*push of tablet, rejected: it was deleted$/m);
    expect(text).not.toMatch(/^u6/m);
  });

  it('shows each way to ask for one', () => {
    for (const option of ['--kept u9', '--revision 4', `--at ${LINE.at}`, '--conflict 7'])
      expect(list(40)).toContain(`dualpath recover d-1 ${option}`);
  });

  it('says so where nothing is kept', () => {
    expect(list(80, { ...KEPT, kept: [] })).toBe(
      'Nothing is kept of document d-1: it never was in a started cohort.',
    );
  });
});
