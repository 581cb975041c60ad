import { describe, expect, it } from 'vitest';
import { endSessions } from '../../src/postgres/end-sessions.ts';

describe('what to do about sessions that are in the way', () => {
  it('has the statement to paste, with the process that was met', () => {
    expect(endSessions([4711])).toBe(
      'Let that transaction end, or end it with `select pg_terminate_backend(4711)`',
    );
  });

  it('ends all of them', () => {
    expect(endSessions([4711, 4712])).toContain(
      '`select pg_terminate_backend(4711), pg_terminate_backend(4712)`',
    );
  });

  it('says where the process is to be found, if nobody could see it', () => {
    expect(endSessions([])).toContain('`select pid, query from pg_stat_activity');
  });
});
