import { STAGES } from './model.ts';
import { TRIGGERS } from './stages.ts';
import { type Move, TRANSITIONS } from './transitions.ts';

/** The transition table as a Mermaid state diagram, without the code fence; docs/architecture.md shows it. */
export function stageDiagram(): string {
  const names = STAGES.filter((stage) => stage.includes('-')).map(
    (stage) => `  state "${stage}" as ${nodeOf(stage)}`,
  );
  const moves = STAGES.flatMap((from) =>
    TRIGGERS.flatMap((trigger) => {
      const edge = TRANSITIONS[from][trigger];
      return 'to' in edge ? [`  ${nodeOf(from)} --> ${nodeOf(edge.to)}: ${trigger}${flagOf(edge)}`] : [];
    }),
  );
  return ['stateDiagram-v2', ...names, '  [*] --> planned', ...moves, '  completed --> [*]'].join('\n');
}

const nodeOf = (stage: string): string => stage.replaceAll('-', '_');

const flagOf = ({ flag }: Move): string => (flag ? ` (${flag.role} ${flag.on ? 'on' : 'off'})` : '');
