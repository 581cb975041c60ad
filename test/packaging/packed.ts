import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from '../support/checkout.ts';
import { atFileEnd } from '../support/file-end.ts';

export interface Project {
  readonly folder: string;
  /** Runs a command line in it, as somebody who types it there. */
  sh(line: string): { readonly exit: number | null; readonly stdout: string; readonly stderr: string };
}

const folders: string[] = [];
atFileEnd(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/**
 * An otherwise empty project with the packed package installed: its own files are those of the tarball, its
 * dependencies are those of the checkout, so that nothing is fetched. `peers` are the optional ones to install too.
 */
export function installPacked(peers: readonly string[] = []): Project {
  const folder = mkdtempSync(join(tmpdir(), 'dualpath-packed-'));
  folders.push(folder);
  // The embedded server's account passes through.
  chmodSync(folder, 0o711);
  const modules = join(folder, 'node_modules');
  const own = join(modules, 'dualpath');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  mkdirSync(own);
  const sh: Project['sh'] = (line) => run('sh', ['-c', line], folder);
  const packed = run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], ROOT);
  must(packed);
  must(run('tar', ['-xzf', packed.stdout.trim(), '-C', own, '--strip-components=1'], folder));
  const { dependencies, bin } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')) as {
    dependencies: Readonly<Record<string, string>>;
    bin: { readonly dualpath: string };
  };
  for (const name of [...Object.keys(dependencies), 'yjs', ...peers]) {
    const link = join(modules, name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
  chmodSync(join(own, bin.dualpath), 0o755);
  symlinkSync(join('../dualpath', bin.dualpath), join(modules, '.bin/dualpath'));
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  return { folder, sh };
}

function run(program: string, args: readonly string[], cwd: string): ReturnType<Project['sh']> {
  const { PATH, HOME, TMPDIR } = process.env;
  const env = {
    PATH,
    HOME,
    TMPDIR,
    CI: 'true',
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8' });
  return { exit: status, stdout, stderr };
}

function must({ exit, stderr }: ReturnType<Project['sh']>): void {
  if (exit !== 0) throw new Error(stderr);
}
