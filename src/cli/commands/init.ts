import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { writeStarterConfig } from '../../controller.ts';
import { type AddCommand, running } from './command.ts';

interface Options {
  readonly config: string;
  readonly sql?: boolean;
  readonly dryRun?: boolean;
}

export const addInit: AddCommand = (program, surroundings) => {
  const install = running<Options>(surroundings, async ({ controller, options }) => {
    if (options.sql || options.dryRun) {
      const sql = await controller.initSql();
      return { json: { sql }, text: sql };
    }
    const report = await controller.init();
    const created =
      report.created.length > 0
        ? `The embedded database was empty: created ${report.created.join(' and ')}, to be filled.\n`
        : '';
    const upgraded =
      report.from === report.to
        ? `The control schema is current (version ${report.to}).`
        : `The control schema went from version ${report.from} to ${report.to}.`;
    return {
      json: report,
      text: `${created}${upgraded}\nChange capture is installed on ${report.captured.join(' and ')}.\nNext: dualpath plan`,
    };
  });
  return program
    .command('init')
    .description(
      'write cohorts.yaml where there is none; else create or upgrade schemas, roles and change capture',
    )
    .option('--sql', 'print it for a DBA instead of doing it')
    .option('--dry-run', 'print what would be executed')
    .option('--reason <text>', 'for the journal')
    .addHelpText('after', '\nExample:  dualpath init --sql > dualpath.sql')
    .action(async (...parsed: [Options, import('commander').Command]) => {
      const options = parsed[1].optsWithGlobals<Options>();
      if (existsSync(options.config)) return install(...parsed);
      if (!options.dryRun) await writeStarterConfig(options.config);
      const path = resolve(options.config);
      surroundings.terminal.answer({
        json: { wrote: options.dryRun ? null : path },
        text: options.dryRun
          ? `Would write ${options.config}.`
          : `Wrote ${options.config}. Name your tables in it, then run \`dualpath init\` again; \`dualpath doctor\` checks it.`,
      });
    });
};
