import { Option } from 'commander';
import { RESOLUTIONS, type Resolution } from '../../controller.ts';
import { renderConflict } from '../render/conflict.ts';
import { renderConflicts, renderResolved } from '../render/conflicts.ts';
import { type AddCommand, running } from './command.ts';

export const addConflicts: AddCommand = (program, surroundings) => {
  const conflicts = program
    .command('conflicts')
    .description('merges that a person may want to look at, and updates that were refused')
    .addHelpText('after', '\nExample:  dualpath conflicts list');
  conflicts
    .command('list')
    .description('open ones first, each with its reasons; no content')
    .addHelpText('after', '\nExample:  dualpath conflicts list --json')
    .action(
      running(surroundings, async ({ controller, terminal }) => {
        const report = await controller.conflicts();
        return { json: report, text: renderConflicts(report, terminal) };
      }),
    );
  conflicts
    .command('show')
    .description('base, both sides and the result, block beside block; prints content')
    .argument('<id>', 'as `dualpath conflicts list` gives it')
    .addHelpText('after', `${SIDES}\n\nExample:  dualpath conflicts show 7`)
    .action(
      running(surroundings, async ({ controller, terminal }, id: string) => {
        const report = await controller.conflict(id);
        return { json: report, text: renderConflict(report, terminal) };
      }),
    );
  conflicts
    .command('resolve')
    .description('close one: as it was merged, or with one side as the document')
    .argument('<id>', 'as `dualpath conflicts list` gives it')
    .addOption(
      new Option('--keep <what>', 'which content is to stand').choices(RESOLUTIONS).makeOptionMandatory(),
    )
    .option('--reason <text>', 'for the journal')
    .option('--dry-run', 'say what would change, in counts of words')
    .addHelpText(
      'after',
      `${RESOLVING}${SIDES}\n\nExample:  dualpath conflicts resolve 7 --keep legacy --dry-run`,
    )
    .action(
      running<{ keep: Resolution; dryRun?: boolean }>(
        surroundings,
        async ({ controller, terminal, options }, id: string) => {
          const report = await controller.resolveConflict(id, options.keep, { dryRun: options.dryRun });
          return { json: report, text: renderResolved(report, terminal) };
        },
      ),
    );
  return conflicts;
};

const RESOLVING = `
merged leaves the document as it is. legacy and local-first write that side as
the next version of the document, in both stores, with what was written to the
document since the conflict. What they replace is kept: dualpath recover. A
refused update (class quarantine) has no sides: merged dismisses it.
`;

const SIDES = `
What the sides are depends on how the conflict came about:
  save     legacy: what was saved          local-first: the document before it
  capture  legacy: what SQL wrote          local-first: the document before it
  push     local-first: what was pushed    legacy: the document before it`;
