import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type InitReport, writeStarterConfig } from '../../controller.ts';
import { hanging } from '../text.ts';
import { type AddCommand, running } from './command.ts';

interface Options {
  readonly config: string;
  readonly sql?: boolean;
  readonly dryRun?: boolean;
}

export const addInit: AddCommand = (program, surroundings) => {
  const install = running<Options>(surroundings, async ({ controller, terminal, options }) => {
    if (options.sql || options.dryRun) {
      const sql = await controller.initSql();
      return { json: { sql }, text: sql };
    }
    const report = await controller.init();
    return { json: report, text: installed(report, terminal.width) };
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
      if (existsSync(options.config) || options.sql) return install(...parsed);
      if (!options.dryRun) await writeStarterConfig(options.config);
      const path = resolve(options.config);
      surroundings.terminal.answer(
        options.dryRun
          ? { json: { wrote: null, would: path }, text: `Would write ${options.config}.` }
          : { json: { wrote: path }, text: hanging('', wrote(options.config), surroundings.terminal.width) },
      );
    });
};

const wrote = (config: string): string =>
  `Wrote ${config}. Name your tables in it, then run \`dualpath init\` again; \`dualpath doctor\` checks it.`;

function installed({ created, from, to, captured }: InitReport, width: number): string {
  const made = `The embedded database was empty: created ${created.join(' and ')}, to be filled.`;
  return [
    ...(created.length > 0 ? [made] : []),
    from === to
      ? `The control schema is current (version ${to}).`
      : `The control schema went from version ${from} to ${to}.`,
    `Change capture is installed on ${captured.join(' and ')}.`,
    'Next: `dualpath plan`',
  ]
    .map((line) => hanging('', line, width))
    .join('\n');
}
