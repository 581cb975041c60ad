import { renderDiff } from '../render/diff.ts';
import { type AddCommand, running } from './command.ts';

export const addDiff: AddCommand = (program, surroundings) =>
  program
    .command('diff')
    .description('both sides of one document, structurally; content only with --show-content')
    .argument('<document>', 'its id')
    .option('--show-content', 'print the content that differs')
    .addHelpText('after', '\nExample:  dualpath diff 4f1c… --show-content')
    .action(
      running<{ showContent?: boolean }>(
        surroundings,
        async ({ controller, terminal, options }, document: string) => {
          const report = await controller.diff(document, { showContent: Boolean(options.showContent) });
          return { json: report, text: renderDiff(report, terminal), verbatim: true };
        },
      ),
    );
