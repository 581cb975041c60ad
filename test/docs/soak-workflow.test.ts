import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { read } from './pages.ts';

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly if?: string;
  readonly with?: { readonly path?: string };
}

const workflow = parse(read('examples/github-actions/soak.yml')) as {
  on: { schedule: readonly { cron: string }[] };
  jobs: { soak: { env: Record<string, string>; steps: readonly Step[] } };
};
const { env, steps } = workflow.jobs.soak;
const runs = steps.flatMap((step) => (step.run === undefined ? [] : [{ ...step, run: step.run }]));

describe('examples/github-actions/soak.yml', () => {
  it('runs on a schedule', () => {
    expect(workflow.on.schedule[0]?.cron).toMatch(/^(\S+ ){4}\S+$/);
  });

  it('gets along without the admin token', () => {
    expect(Object.keys(env).sort()).toEqual(['DATABASE_URL', 'UNLEASH_CLIENT_TOKEN', 'UNLEASH_URL']);
    expect(read('examples/github-actions/soak.yml')).not.toContain('ADMIN_TOKEN');
  });

  it('has steps that are plain shell, without expressions of GitHub in them', () => {
    expect(runs.filter(({ run }) => run.includes('${{'))).toEqual([]);
  });

  it('shows the summary and keeps the report of a round that failed', () => {
    const summary = runs.find(({ run }) => run.includes('$GITHUB_STEP_SUMMARY'));
    const upload = steps.find(({ uses = '' }) => uses.startsWith('actions/upload-artifact@'));
    expect(summary?.if).toBe('always()');
    expect(upload?.if).toBe('always()');
  });

  it('publishes the files that the round writes', () => {
    const round = runs.find(({ run }) => run.includes('dualpath soak'))?.run ?? '';
    const reports = [...round.matchAll(/--report \w+=(\S+)/g)].map(([, path = '']) => path);
    const upload = steps.find(({ uses = '' }) => uses.startsWith('actions/upload-artifact@'));
    expect(reports.every((path) => path.startsWith(upload?.with?.path ?? '?'))).toBe(true);
    expect(runs.find(({ run }) => run.includes('$GITHUB_STEP_SUMMARY'))?.run).toContain(
      reports.find((path) => path.endsWith('.md')),
    );
  });
});
