import type { SaveInput } from '../../../src/index.ts';
import { paragraphs } from '../device.ts';
import { edit, type Texts, wordsIn } from './edit.ts';
import type { Effect } from './ledger.ts';
import { ask, type World } from './world.ts';

/**
 * How much a legacy client knows: `learns` shows what a merge made of its save; `never-learns` goes on showing what it
 * sent; `served` names its device and no base; `bare` sends the content and nothing beside it.
 */
export type LegacyKind = 'learns' | 'never-learns' | 'served' | 'bare';

interface Content {
  readonly content?: readonly { readonly content?: readonly { readonly text?: string }[] }[];
}

/** A tab of the old editor: it shows a document, and saves the whole of it. */
export class LegacyTab {
  readonly name: string;
  readonly #world: World;
  readonly #kind: LegacyKind;
  #shown: Texts | null = null;
  #base: number | null = null;
  #unsaved: Effect[] = [];
  #saves = 0;

  constructor(world: World, name: string, kind: LegacyKind) {
    this.#world = world;
    this.name = name;
    this.#kind = kind;
  }

  async turn(): Promise<void> {
    const { random } = this.#world;
    if (this.#shown === null) await this.reload();
    for (let edits = 1 + Math.floor(random() * 2); edits > 0; edits -= 1) this.#edit();
    if (random() < 0.75) await this.save();
    if (random() < 0.25) await this.reload();
  }

  /** Saves what is unsaved first: a person who closes the tab over it knows what they do. */
  async reload(): Promise<void> {
    await this.save();
    const { content, revision } = await ask(this.#world, 'load', { id: this.#world.id, ...this.#device });
    this.#shown = textsOf(content);
    this.#base = revision;
    this.#note(`loads r${revision}: ${this.#shown.join(' | ')}`);
  }

  async save(): Promise<void> {
    if (this.#shown === null || this.#unsaved.length === 0) return;
    this.#saves += 1;
    const effects = this.#unsaved;
    const content = paragraphs(...this.#shown);
    this.#note(`saves on r${this.#base}: ${this.#shown.join(' | ')}`);
    const saved = await ask(this.#world, 'save', { id: this.#world.id, content, ...this.#names() });
    this.#world.ledger.acknowledge(effects);
    this.#unsaved = [];
    const head = saved.head.content === null ? null : textsOf(saved.head.content);
    if (this.#kind === 'learns' && head !== null) {
      this.#shown = head;
      this.#base = saved.head.revision;
    } else this.#base = saved.revision;
    const named = saved.conflict === undefined ? '' : `, conflict ${saved.conflict}`;
    this.#note(
      `saved r${saved.revision}, ${saved.outcome}${named}; r${saved.head.revision}: ${head?.join(' | ')}`,
    );
  }

  get words(): readonly string[] {
    return wordsIn(this.#shown ?? []);
  }

  #edit(): void {
    const { ledger, random } = this.#world;
    const { texts, effect, kind } = edit(this.#shown ?? [], ledger, random);
    this.#shown = texts;
    this.#unsaved.push(effect);
    this.#note(`${kind}: +${effect.written} -${effect.deleted}`);
  }

  get #device(): { readonly deviceId?: string } {
    return this.#kind === 'bare' ? {} : { deviceId: this.name };
  }

  #names(): Partial<SaveInput> {
    if (this.#kind === 'bare') return {};
    const base = this.#kind === 'served' || this.#base === null ? {} : { baseRevision: this.#base };
    return { ...this.#device, ...base, saveId: `${this.name} ${this.#saves}` };
  }

  #note(line: string): void {
    this.#world.ledger.note(`${this.name} ${line}`);
  }
}

export const textsOf = (content: unknown): Texts =>
  ((content as Content).content ?? []).map((block) =>
    (block.content ?? []).map(({ text }) => text ?? '').join(''),
  );
