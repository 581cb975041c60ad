import type { Quarantined, RetryReport } from '../../controller.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { counted, hanging, moment, number, printable } from '../text.ts';

/** Documents shown to a person; `--json` has them all. */
const SHOWN = 100;

export function renderQuarantine(documents: readonly Quarantined[], terminal: Terminal): string {
  if (documents.length === 0) return 'No document is in quarantine.';
  const rows = table(
    [{ title: 'document' }, { title: 'cohort' }, { title: 'since', leaveOut: 1 }],
    documents
      .slice(0, SHOWN)
      .map((each) => [
        printable(each.document),
        each.cohort,
        moment(each.since),
        `${each.code}: ${each.reason}`,
      ]),
    terminal.width,
    { title: 'reason', bare: true },
  );
  const more = documents.length - SHOWN;
  const held = `${counted(documents.length, 'document is', 'documents are')} held on legacy; mend the content, then \`dualpath quarantine retry\`.`;
  return [
    rows,
    ...(more > 0 ? [`… and ${number(more)} more, see --json.`] : []),
    '',
    hanging('', held, terminal.width),
  ].join('\n');
}

export function renderRetry({ tried, released }: RetryReport, dryRun: boolean): string {
  if (tried === 0) return 'No document is in quarantine: there is nothing to try.';
  if (dryRun) return `Would try ${counted(tried, 'document')} again.`;
  const still = tried - released;
  const left = still === 0 ? '' : `, ${number(still)} still held: see \`dualpath quarantine list\``;
  return `Tried ${counted(tried, 'document')}, ${number(released)} released${left}.`;
}
