import { Option } from 'commander';
import { CONFLICT_SIDES, type ConflictSide } from '../../controller.ts';
import { UsageError } from '../../errors.ts';
import { noteOf, renderKept } from '../render/recover.ts';
import { type AddCommand, running } from './command.ts';

interface RecoverFlags {
  readonly revision?: string;
  readonly at?: string;
  readonly conflict?: string;
  readonly side?: ConflictSide;
  readonly kept?: string;
}

export const addRecover: AddCommand = (program, surroundings) =>
  program
    .command('recover')
    .description(
      'any kept version of a document, living or deleted, to stdout; without an option a list of them',
    )
    .argument('<document>', 'its id')
    .option('--revision <n>', "the application's number; ours where its table has none")
    .option('--at <time>', 'what the document was then: ISO 8601, UTC unless it says')
    .option('--conflict <id>', 'the side that did not win; what came, where both were merged')
    .addOption(new Option('--side <side>', 'of the conflict, this one').choices(CONFLICT_SIDES))
    .option('--kept <key>', 'the one that the list names so')
    .addHelpText(
      'after',
      `
Prints the content as the legacy column would hold it. An update that never
became part of the document is printed as the document with it, without
embeds that its format has no place for; if it fits no state of the document,
as its bytes in base64. stderr says so.

Example:  dualpath recover 4f1c… --revision 12 > draft.json`,
    )
    .action(
      running<RecoverFlags>(surroundings, async ({ controller, terminal, options }, document: string) => {
        if (isList(options)) {
          const report = await controller.kept(document);
          return { json: report, text: renderKept(report, terminal) };
        }
        const report = await controller.recover(document, options);
        const note = noteOf(report);
        if (note !== null) terminal.note(note);
        return { json: report, text: report.text, isDocument: true };
      }),
    );

function isList({ revision, at, conflict, kept, side }: RecoverFlags): boolean {
  const given = [revision, at, conflict, kept].filter((option) => option !== undefined).length;
  if (given > 1)
    throw new UsageError(
      'usage',
      'More than one version was asked for.',
      'Use one of --revision, --at, --conflict and --kept.',
    );
  if (side !== undefined && conflict === undefined)
    throw new UsageError('usage', '--side names no conflict.', 'Say which with --conflict.');
  return given === 0;
}
