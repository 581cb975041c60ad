import type { LegacyTab } from './legacy-tab.ts';
import type { Phone } from './phone.ts';
import { ask, type World } from './world.ts';

/**
 * Opens whichever editor its server names, on one device. What it wrote local-first and has not sent goes first, before it
 * shows the legacy editor: else the same words would come by both paths.
 */
export class Student {
  readonly #world: World;
  readonly #tab: LegacyTab;
  readonly #phone: Phone;
  #path: 'legacy' | 'local-first' = 'legacy';

  constructor(world: World, tab: LegacyTab, phone: Phone) {
    this.#world = world;
    this.#tab = tab;
    this.#phone = phone;
  }

  async turn(): Promise<void> {
    if (this.#world.random() < 0.3) await this.#open();
    await (this.#path === 'legacy' ? this.#tab : this.#phone).turn();
  }

  async finish(): Promise<void> {
    await this.#tab.save();
    if (this.#phone.isOpened) await this.#phone.sync();
  }

  async #open(): Promise<void> {
    await this.finish();
    const { id, owner, ledger } = this.#world;
    const path = await ask(this.#world, 'pathFor', { id, user: owner });
    if (path !== this.#path) ledger.note(`${this.#tab.name} changes to ${path}`);
    this.#path = path;
    if (path === 'legacy') await this.#tab.reload();
    else await this.#phone.pull();
  }
}
