import { yXmlFragmentToProsemirrorJSON } from 'y-prosemirror';
import * as Y from 'yjs';
import { plainText } from '../write-path/state.ts';
import type { OpenStore } from '../write-path/store.ts';

/**
 * What became of words over the log of a document, an update of the log a line: how often each stood before and after, who
 * sent the update, what its receipt says of it and of its base, and where a merge was kept what it made of whom.
 */
export async function wordHistory(
  store: OpenStore,
  id: string,
  words: readonly string[],
): Promise<readonly string[]> {
  const rows = await store.sql(
    `select u.seq::text, u.payload, u.origin, u.device_id, u.session, u.device_seq::text,
            r.outcome, r.base::text, r.base_known, c.reasons, m.contents
       from dualpath.updates u
       left join dualpath.receipts r on r.document_id = u.document_id and r.seq = u.seq and r.kind in ('push', 'save')
       left join dualpath.conflicts c on c.id = r.conflict
       left join lateral (
         select json_object_agg(kept.role, v.content) as contents
           from (values ('base', c.base), ('ours', c.ours), ('theirs', c.theirs), ('result', c.result)) kept (role, id)
           join dualpath.versions v on v.id = kept.id) m on c.id is not null
      where u.document_id = $1 and u.apart is null order by coalesce(u.joined, u.seq), u.seq`,
    id,
  );
  const doc = new Y.Doc({ gc: false });
  let before = words.map(() => 0);
  return rows.flatMap((row) => {
    Y.applyUpdate(doc, row.payload as Buffer);
    const now = countsIn(words, plainText(yXmlFragmentToProsemirrorJSON(doc.getXmlFragment('default'))));
    const changed = words.flatMap((word, at) =>
      now[at] === before[at] ? [] : [`${word} ${before[at]}→${now[at]}${meetingOf(row.contents, word)}`],
    );
    before = now;
    const sent = [
      row.origin,
      row.device_id,
      row.session,
      row.device_seq,
      row.outcome,
      row.base_known,
      row.base,
    ];
    const facts = [...sent, row.reasons].filter((fact) => fact !== null).join(' ');
    return changed.length === 0 ? [] : [`${row.seq} ${facts}: ${changed.join(', ')}`];
  });
}

const countsIn = (words: readonly string[], text: string): number[] =>
  words.map((word) => text.split(word).length - 1);

/** How often the word stood in what was merged. */
function meetingOf(contents: unknown, word: string): string {
  if (contents === null) return '';
  const parts = Object.entries(contents as Record<string, string>).map(
    ([role, content]) => `${role} ${countsIn([word], content)[0]}`,
  );
  return ` (${parts.join(', ')})`;
}
