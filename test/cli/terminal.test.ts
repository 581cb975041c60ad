import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { screenOf } from './streams.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ERASE = '\r\u001b[2K';

describe('progress on a terminal', () => {
  it('is one line, drawn over and taken away', () => {
    const { terminal, stderr } = screenOf(80);
    terminal.progress('10 of 20');
    terminal.progress('20 of 20');
    terminal.progress(null);
    expect(stderr()).toBe(`10 of 20${ERASE}20 of 20${ERASE}`);
  });

  it('makes way for a line that stays', () => {
    const { terminal, stderr } = screenOf(80);
    terminal.progress('copying');
    terminal.note('copied');
    expect(stderr()).toBe(`copying${ERASE}copied\n`);
  });

  it('never takes a second line', () => {
    const { terminal, stderr } = screenOf(40);
    terminal.progress('x'.repeat(200));
    expect([...stderr()]).toHaveLength(39);
    expect(stderr().endsWith('…')).toBe(true);
  });
});

describe.each([
  ['in a pipe', screenOf.bind(null, null, {})],
  ['under NO_COLOR', screenOf.bind(null, 80, { env: { NO_COLOR: '1' } })],
  ['in CI', screenOf.bind(null, 80, { env: { CI: 'true' } })],
  ['with --json', screenOf.bind(null, 80, { json: true })],
])('progress %s', (_, open) => {
  it('is silent about what is over in a moment: it is said once, when it is done', () => {
    const { terminal, stderr } = open();
    vi.advanceTimersByTime(60_000);
    terminal.progress('staff: copying');
    vi.advanceTimersByTime(500);
    terminal.progress(null);
    terminal.note('staff: 42 documents copied');
    vi.advanceTimersByTime(60_000);
    expect(stderr()).toBe('staff: 42 documents copied\n');
  });

  it('shows life after some silence, and less and less often', () => {
    const { terminal, stderr } = open();
    const lines = (): number => stderr().split('\n').length - 1;
    for (let second = 0; second < 6; second += 1) {
      terminal.progress(`${second} of 3600`);
      vi.advanceTimersByTime(1_000);
    }
    expect(lines()).toBe(1);
    for (let second = 6; second < 3_600; second += 1) {
      terminal.progress(`${second} of 3600`);
      vi.advanceTimersByTime(1_000);
    }
    expect(lines()).toBeGreaterThan(50);
    expect(lines()).toBeLessThan(70);
  });

  it('does not say the same twice', () => {
    const { terminal, stderr } = open();
    for (let second = 0; second < 600; second += 1) {
      terminal.progress('waiting for approval: flip');
      vi.advanceTimersByTime(1_000);
    }
    expect(stderr()).toBe('waiting for approval: flip\n');
  });
});

describe('an answer', () => {
  const answer = { json: { cohorts: [] }, text: 'No cohorts.' };

  it('is text for people', () => {
    const { terminal, stdout } = screenOf(80);
    terminal.answer(answer);
    expect(stdout()).toBe('No cohorts.\n');
  });

  it('is one document for programs', () => {
    const { terminal, stdout } = screenOf(null, { json: true });
    terminal.answer(answer);
    expect(stdout()).toBe('{"cohorts":[]}\n');
  });

  it('that is watched replaces the one before on a terminal, and follows it in a pipe', () => {
    const screen = screenOf(80);
    screen.terminal.redraw(answer);
    expect(screen.stdout()).toBe('\u001b[H\u001b[2JNo cohorts.\n');
    const pipe = screenOf(null);
    pipe.terminal.redraw(answer);
    pipe.terminal.redraw(answer);
    expect(pipe.stdout()).toBe('No cohorts.\nNo cohorts.\n');
  });
});

describe('an error', () => {
  it('is one sentence and one remedy, wrapped under their headings', () => {
    const { terminal, stderr } = screenOf(40, { color: false });
    terminal.complain('The database at db.example:5432 cannot be reached.', 'See whether it runs.');
    expect(stderr()).toBe(
      'error  The database at db.example:5432\n       cannot be reached.\ndo →   See whether it runs.\n',
    );
  });

  it.each([
    ['on a terminal', 80, {}, true],
    ['with --no-color', 80, { color: false }, false],
    ['under NO_COLOR', 80, { env: { NO_COLOR: '1' } }, false],
    ['in CI', 80, { env: { CI: '1' } }, false],
    ['where CI says no', 80, { env: { CI: 'false' } }, true],
    ['in a pipe', null, {}, false],
  ] as const)('%s has colour or has none', (_, columns, options, colour) => {
    const { terminal, stderr } = screenOf(columns, options);
    terminal.complain('It failed.', 'Mend it.');
    expect(stderr().includes('\u001b[')).toBe(colour);
  });
});
