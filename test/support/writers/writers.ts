import { randomFrom } from '../random.ts';
import { type LegacyKind, LegacyTab } from './legacy-tab.ts';
import { Phone, type PhoneHabits } from './phone.ts';
import { Student } from './student.ts';
import type { AskedServer, World } from './world.ts';

/** Somebody who writes a document. */
export interface Writer {
  /** It writes before the rollout, alone. */
  readonly isFirst?: boolean;
  turn(): Promise<void>;
  finish(): Promise<void>;
}

type Opened = Pick<World, 'id' | 'owner' | 'ledger' | 'isCalm'>;

const KINDS: readonly LegacyKind[] = ['learns', 'never-learns', 'served'];

/** What clients say that their replicas held when they made an update. */
export type Naming = 'bases named' | 'state vectors named' | 'nothing named';

/** Those who write one document: two legacy tabs, two phones, one with a second tab, and a student who goes by the flags. */
export function writersOf(
  opened: Opened,
  seed: number,
  fresh: AskedServer,
  stale: AskedServer,
  naming: Naming,
): readonly Writer[] {
  const of = (index: number, own: AskedServer, other: AskedServer): World => ({
    ...opened,
    random: randomFrom(seed + index),
    servers: [own, other],
  });
  const old = of(1, stale, fresh);
  const desk = of(2, stale, fresh);
  const one = of(3, fresh, stale);
  const two = of(4, fresh, stale);
  const three = of(5, fresh, stale);
  const kind = (world: World) => KINDS[Math.floor(world.random() * KINDS.length)] ?? 'learns';
  return [
    { ...tabWriter(new LegacyTab(old, 'old-desk', 'learns')), isFirst: true },
    tabWriter(new LegacyTab(desk, 'desk', kind(desk))),
    phoneWriter(new Phone(one, 'phone', habitsOf(one, naming))),
    phoneWriter(new Phone(two, 'tablet', habitsOf(two, naming))),
    new Student(
      three,
      new LegacyTab(three, 'student', kind(three)),
      new Phone(three, 'student', habitsOf(three, naming)),
    ),
  ];
}

/**
 * As the library asks of clients: who pulls before it pushes names its sessions and sends its queue, and so does who has
 * two tabs.
 */
function habitsOf({ random }: World, naming: Naming): PhoneHabits {
  const coin = () => random() < 0.5;
  const pullsFirst = random() < 0.3;
  const namesSessions = pullsFirst || random() < 0.75 || naming === 'bases named';
  return {
    namesSessions,
    sends: pullsFirst || coin() ? 'queue' : 'difference',
    piecewise: coin(),
    pullsFirst,
    names: namesOf(naming, pullsFirst),
  };
}

/** Who has pulled since it wrote is not where its state vector says any more. */
function namesOf(naming: Naming, pullsFirst: boolean): PhoneHabits['names'] {
  if (naming === 'bases named') return 'baseSeq';
  return naming === 'nothing named' || pullsFirst ? 'nothing' : 'stateVector';
}

const tabWriter = (tab: LegacyTab): Writer => ({ turn: () => tab.turn(), finish: () => tab.save() });

/** A device on which a second tab is opened now and then, and stays open. */
function phoneWriter(phone: Phone): Writer {
  const tabs = [phone];
  return {
    async turn() {
      if (phone.isOpened && phone.namesSessions && tabs.length < 2 && phone.draw() < 0.05)
        tabs.push(phone.twin());
      for (const tab of [...tabs]) {
        if (tabs.length === 1 || phone.draw() < 0.6) await tab.turn();
        if (phone.takeRestored()) for (const other of tabs.splice(1)) other.abandon();
        if (!tabs.includes(tab)) break;
      }
    },
    async finish() {
      for (const tab of tabs) if (tab.isOpened) await tab.sync();
    },
  };
}
