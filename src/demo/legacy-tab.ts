import { randomUUID } from 'node:crypto';
import type { DocumentStore, SaveInput, SaveResult } from '../index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { type Node, type Place, typeIntoJson } from './places.ts';
import { untilAnswered } from './until-answered.ts';
import { acknowledgeWords, typeWord } from './written-words.ts';

/** A tab of the old editor: it shows a whole document, and saves it whole. */
export interface LegacyTab {
  type(place: Place): Promise<void>;
  /** Changes what is shown, typing no word. */
  edit(change: (document: Node) => void): void;
  /** Sends what is shown, or once more, the same, what nobody has answered yet. */
  save(through?: Pick<DocumentStore, 'save'>): Promise<SaveResult>;
}

/**
 * @param device null: a client from before all this, which names neither device nor base nor save
 * @param shows after a save: what it sent, as an editor does that knows nothing of merging, or what the server answers
 */
export async function openLegacyTab(
  db: Queryable,
  documents: Pick<DocumentStore, 'load' | 'save'>,
  {
    id,
    device,
    shows,
  }: { readonly id: string; readonly device: string | null; readonly shows: 'sent' | 'head' },
): Promise<LegacyTab> {
  const loaded = await documents.load(device === null ? { id } : { id, deviceId: device });
  let shown = { content: loaded.content as Node, revision: loaded.revision };
  const typed: string[] = [];
  let unanswered: { readonly save: SaveInput; readonly words: readonly string[] } | null = null;
  const next = (): SaveInput => {
    const { content, revision } = structuredClone(shown);
    if (device === null) return { id, content };
    const base = revision === null ? {} : { baseRevision: revision };
    return { id, content, deviceId: device, saveId: randomUUID(), ...base };
  };
  return {
    async type(place) {
      const word = await typeWord(db, id);
      typed.push(word);
      typeIntoJson(shown.content, word, place);
    },
    edit: (change) => change(shown.content),
    async save(through = documents) {
      unanswered ??= { save: next(), words: typed.splice(0) };
      const { save, words } = unanswered;
      const saved = await untilAnswered(() => through.save(save));
      unanswered = null;
      await acknowledgeWords(db, words);
      shown =
        shows === 'head'
          ? { content: saved.head.content as Node, revision: saved.head.revision }
          : { content: shown.content, revision: saved.revision };
      return saved;
    },
  };
}
