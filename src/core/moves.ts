import { gatesJudged } from './gates.ts';
import { act, type CohortObservation, type Decision, type Refuse, refuse } from './observation.ts';
import { shellWord } from './shell-word.ts';
import { drifted, heldBack, latecomers, rollBackFirst, STEPS, take } from './steps.ts';

/** Out of a settled stage by `start` or `flip`: the first needs no proof, the second all of it. */
export function begin(o: CohortObservation, ask: 'start' | 'flip'): Decision {
  const [first] = o.standing.heldBackBy[ask];
  if (first !== undefined) return heldBack(o, first, ask === 'start' ? 'dual_write' : 'default');
  return (ask === 'flip' ? gateRefusal(o, ask) : null) ?? take(o, ask);
}

/** From baking to completed: the flag first, as there is no way back from the stage. */
export function complete(o: CohortObservation): Decision {
  // Once the flag is confirmed off, the decision has been taken, and gates would compare with flags of the past.
  if (isCompleting(o)) return take(o, 'complete');
  const refusal = gateRefusal(o, 'complete');
  if (refusal) return refusal;
  const [first] = o.standing.heldBackBy.complete;
  if (first !== undefined)
    return refuse(
      'held',
      `completing ${o.name} would cut the way back of ${first}, whose share of users cannot be left out of it`,
      `Run \`dualpath complete ${shellWord(first)} --reason "why" --yes\` first.`,
    );
  return latecomers(o) ?? act({ do: 'set-flag', role: 'dual_write', on: false }, 'every gate passes');
}

/** Back to legacy from wherever the table allows it: no gate, no status and no doubtful flag keeps authority from moving. */
export function rollBack(o: CohortObservation): Decision {
  if (o.stage === 'rolling-back') return STEPS[o.stage](o);
  const move = take(o, 'rollback');
  if ('refuse' in move || o.standing.takenBackFirst.length === 0) return move;
  return rollBackFirst(o);
}

/** dual_write off in `baking` is the confirmed half of a `complete`: nothing else of ours turns it off there. */
export const isCompleting = (o: CohortObservation): boolean =>
  o.stage === 'baking' && o.flags.dual_write === 'off';

/** Why the gates do not let the cohort go; null when every gate there is was judged, and passes. */
export function gateRefusal(o: CohortObservation, ask: 'flip' | 'complete'): Refuse | null {
  const bad = o.gates.filter(({ verdict }) => verdict === 'fail' || verdict === 'error');
  if (bad.length > 0) {
    const reasons = bad.map(named);
    const remedy = `Run \`dualpath why ${shellWord(o.name)}\` for what would clear it.`;
    return { ...refuse('proof', `${ask} of ${o.name} is refused: ${reasons.join('; ')}`, remedy), reasons };
  }
  const differing = drifted(o);
  if (differing) return differing;
  const open = openGates(o);
  if (open.length === 0) return null;
  const remedy = `Keep \`dualpath run --watch\` going, or \`dualpath soak\` on a schedule; \`dualpath why ${shellWord(o.name)}\` says when to try again.`;
  return {
    ...refuse('not-yet', `${ask} of ${o.name} is not due: ${open.join('; ')}`, remedy),
    reasons: open,
  };
}

/** Most say by themselves which gate they are of. */
const named = ({ gate, because }: CohortObservation['gates'][number]): string =>
  because.replaceAll(' ', '-').startsWith(gate) ? because : `${gate}: ${because}`;

/** A gate that was not judged at all is as open as one that is inconclusive. */
export const openGates = ({ gates, writePath = 'library' }: CohortObservation): readonly string[] => [
  ...gates.filter(({ verdict }) => verdict === 'inconclusive').map(named),
  ...gatesJudged(writePath).flatMap((name) =>
    gates.some(({ gate }) => gate === name) ? [] : [`${name}: not judged`],
  ),
];
