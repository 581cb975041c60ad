/**
 * What to do about sessions of others that stand in the way, with the statement to paste; none are known where nobody could
 * see them, and then how to find them.
 */
export function endSessions(pids: readonly number[]): string {
  const wait = pids.length > 1 ? 'Let their transactions end' : 'Let that transaction end';
  if (pids.length === 0)
    return `${wait}, or find it with \`select pid, query from pg_stat_activity where xact_start is not null order by xact_start\``;
  const ends = pids.map((pid) => `pg_terminate_backend(${pid})`).join(', ');
  return `${wait}, or end ${pids.length > 1 ? 'them' : 'it'} with \`select ${ends}\``;
}
