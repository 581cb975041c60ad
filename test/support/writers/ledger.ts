/** What one edit did to the words that its writer was shown. */
export interface Effect {
  readonly written: readonly string[];
  readonly deleted: readonly string[];
}

const LETTERS = 'abcdefghijklmopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZαβγδεζηθικλμνξπρστφχψωбгджзиклмфцчшщыэюя';

/**
 * The writers' own book: every word is written once in the world, so that its writer knows, without a look at any store,
 * whether it must stand in a document in the end. An effect counts when the server has answered the call that carried it.
 */
export class Ledger {
  readonly #document: string;
  readonly #acknowledged = new Set<string>();
  readonly #deleted = new Set<string>();
  /** Of replicas that were replaced by a backup before they were answered: another tab may have sent them, or nobody. */
  readonly #dropped = new Set<string>();
  readonly #history: string[] = [];
  #count = 0;

  constructor(document: string) {
    this.#document = document;
  }

  /**
   * No other document has the word. Words beside each other begin and end with different letters: an editor compares texts
   * letter by letter, and what it took of one word and of another would be nobody's word.
   */
  word(): string {
    this.#count += 1;
    const [first, last] = [
      LETTERS[this.#count % LETTERS.length],
      LETTERS[(this.#count * 7) % LETTERS.length],
    ];
    return `${first}${this.#document}n${this.#count}${last}`;
  }

  acknowledge(effects: readonly Effect[]): void {
    for (const { written, deleted } of effects) {
      for (const word of written) this.#acknowledged.add(word);
      for (const word of deleted) this.#deleted.add(word);
    }
  }

  drop(effects: readonly Effect[]): void {
    for (const { written, deleted } of effects)
      for (const word of [...written, ...deleted]) this.#dropped.add(word);
  }

  note(line: string): void {
    this.#history.push(line);
  }

  /** Words that must stand exactly once. */
  get alive(): readonly string[] {
    return [...this.#acknowledged].filter((word) => !this.#deleted.has(word) && !this.#dropped.has(word));
  }

  get written(): number {
    return this.#acknowledged.size;
  }

  isDeleted(word: string): boolean {
    return this.#deleted.has(word);
  }

  /** Everything that happened to a word, as its writers saw it. */
  historyOf(word: string): readonly string[] {
    return this.#history.filter((line) => line.includes(word));
  }

  get history(): readonly string[] {
    return this.#history;
  }
}
