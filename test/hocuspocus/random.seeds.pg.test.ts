import { isDeepStrictEqual } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { type Block, paragraph } from '../formats/push/editing.ts';
import { paragraphs } from '../support/device.ts';
import { randomFrom } from '../support/random.ts';
import { type OpenStore, openStore } from '../write-path/store.ts';
import { type LiveServer, startServer, Writer } from './live.ts';
import { wordHistory } from './word-history.ts';

/** Others with DUALPATH_SEED, more of them with DUALPATH_LIVES. */
const SEED = Number(process.env.DUALPATH_SEED ?? 100);
const LIVES = Number(process.env.DUALPATH_LIVES ?? 3);
const STEPS = 40;

let store: OpenStore;
beforeEach(async () => {
  store = await openStore();
});

/** Words nobody else writes, so that each is lost, doubled or there. */
function wordsFrom(random: () => number): () => string {
  const given = new Set<string>();
  return () => {
    for (;;) {
      const word = Array.from({ length: 6 }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join(
        '',
      );
      if (!given.has(word)) {
        given.add(word);
        return word;
      }
    }
  };
}

/** Puts a word behind another one, as a key press after key press would. */
function typeWord(doc: Y.Doc, word: string, random: () => number): boolean {
  const texts = doc
    .getXmlFragment('default')
    .toArray()
    .flatMap((element) => (element instanceof Y.XmlElement ? element.toArray() : []))
    .filter((child): child is Y.XmlText => child instanceof Y.XmlText && child.length > 0);
  const text = texts[Math.floor(random() * texts.length)];
  if (text === undefined) return false;
  const ends = [...`${text.toString()} `.matchAll(/\S(?= )/g)].map(({ index }) => index + 1);
  const at = ends[Math.floor(random() * ends.length)];
  if (at === undefined) return false;
  text.insert(at, ` ${word}`);
  return true;
}

const textIn = (block: Block | undefined): string =>
  ((block?.content ?? []) as readonly { text?: string }[]).map(({ text }) => text ?? '').join('');

/** Cuts a paragraph between two words, or puts two neighbours into one. */
function cutOrJoin(texts: readonly string[], random: () => number): readonly string[] {
  const index = Math.floor(random() * texts.length);
  const words = (texts[index] ?? '').split(' ');
  if (random() < 0.6 && words.length > 1) {
    const at = 1 + Math.floor(random() * (words.length - 1));
    return texts.toSpliced(index, 1, words.slice(0, at).join(' '), words.slice(at).join(' '));
  }
  if (index + 1 >= texts.length) return texts;
  return texts.toSpliced(index, 2, `${texts[index]} ${texts[index + 1]}`);
}

interface Person {
  readonly writer: Writer;
  online: boolean;
}

/** A document, three people who have it open on two servers, and a browser with the legacy editor. */
class Life {
  readonly #random: () => number;
  readonly #word: () => string;
  readonly #id: string;
  readonly #people: Person[] = [];
  readonly #servers: LiveServer[] = [];
  #shown: { readonly texts: readonly string[]; readonly revision: number } = { texts: [], revision: 0 };
  readonly written: string[] = [];

  constructor(seed: number) {
    this.#random = randomFrom(seed);
    this.#word = wordsFrom(this.#random);
    this.#id = `life-${seed}`;
  }

  async begin(): Promise<void> {
    const texts = Array.from({ length: 3 }, () => Array.from({ length: 6 }, () => this.#newWord()).join(' '));
    await store.insert(this.#id, ...texts);
    this.#servers.push(await startServer(store.documents), await startServer(store.documents));
    for (const name of ['ann', 'bob', 'eve']) {
      const { url } = this.#pick(this.#servers);
      this.#people.push({ writer: await Writer.open(url, this.#id, name), online: true });
    }
    await this.#load();
  }

  async step(): Promise<void> {
    const person = this.#pick(this.#people);
    const { writer } = person;
    const dice = this.#random();
    if (dice < 0.45) return this.#type(writer);
    if (dice < 0.6)
      return writer.change((blocks) => cutOrJoin(blocks.map(textIn), this.#random).map(paragraph));
    if (dice < 0.75) return goOrCome(person);
    if (dice < 0.85) return this.#save();
    if (dice < 0.92) return this.#load();
    if (person.online) await writer.acknowledged();
  }

  /** Everybody comes back: the paragraphs that both stores and all of them hold in the end. */
  async end(): Promise<readonly string[]> {
    for (const person of this.#people)
      await (person.online ? person.writer.acknowledged() : goOrCome(person));
    // A provider that sends what it had waiting counts the first acknowledgement for all of it.
    const all = async () => {
      for (const { dualpath } of this.#servers) await dualpath.refresh(this.#id);
      const texts = await store.texts(this.#id);
      return this.#people.map(({ writer }) => isDeepStrictEqual(writer.texts, texts));
    };
    await expect.poll(all, { timeout: 30_000, interval: 50 }).not.toContain(false);
    return store.texts(this.#id);
  }

  #type({ doc }: Writer): void {
    const word = this.#word();
    if (typeWord(doc, word, this.#random)) this.written.push(word);
  }

  async #load(): Promise<void> {
    const { content, revision } = await store.documents.load({ id: this.#id, deviceId: 'legacy browser' });
    const blocks = (content as { content?: readonly Block[] }).content ?? [];
    this.#shown = { texts: blocks.map(textIn), revision: revision ?? 0 };
  }

  /** The legacy editor goes on showing what it saved, whatever that was merged with. */
  async #save(): Promise<void> {
    const { texts, revision: baseRevision } = this.#shown;
    const index = Math.floor(this.#random() * texts.length);
    const typed = texts.with(index, `${texts[index]} ${this.#newWord()}`);
    const sent = this.#random() < 0.5 ? typed : cutOrJoin(typed, this.#random);
    const { revision } = await store.documents.save({
      id: this.#id,
      content: paragraphs(...sent),
      baseRevision,
      deviceId: 'legacy browser',
    });
    this.#shown = { texts: sent, revision: revision ?? 0 };
  }

  #newWord(): string {
    const word = this.#word();
    this.written.push(word);
    return word;
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T;
  }
}

async function goOrCome(person: Person): Promise<void> {
  await (person.online ? person.writer.offline() : person.writer.online());
  person.online = !person.online;
}

describe('three people on two servers and a legacy client', () => {
  test(`online, offline and back, lose and double no word (seed ${SEED})`, async () => {
    for (let seed = SEED; seed < SEED + LIVES; seed++) {
      const life = new Life(seed);
      await life.begin();
      for (let step = 0; step < STEPS; step++) await life.step();
      const text = (await life.end()).join(' ');
      const [words, written] = [text.split(/\s+/), new Set(life.written)];
      const notOnce = life.written.filter((word) => words.filter((each) => each === word).length !== 1);
      const glued = words.filter((word) => word !== '' && !written.has(word));
      const history = notOnce.length === 0 ? [] : await wordHistory(store, `life-${seed}`, notOnce);
      expect({ seed, notOnce, glued, history }).toEqual({ seed, notOnce: [], glued: [], history: [] });
    }
  });
});
