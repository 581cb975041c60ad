import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ROOT } from './checkout.ts';

const SCRIPT = fileURLToPath(new URL('controller-process.mjs', import.meta.url));

/** How a call ended; `outcome` of one that was refused is the code of the error. */
export interface Said {
  readonly outcome: string;
  readonly because?: string;
  readonly message?: string;
  readonly details?: object;
}

/** The real controller in a process of its own, started again whenever it is killed. */
export interface ControllerProcess {
  /**
   * One call of the controller, by the name it has there.
   * @param killAfterMs the process is killed then, unless the call is done
   * @returns null: it was killed
   */
  call(
    name: 'start' | 'soak' | 'flip' | 'rollback',
    args: readonly unknown[],
    killAfterMs?: number,
  ): Promise<Said | null>;
  close(): Promise<void>;
}

export function openControllerProcess(config: string): ControllerProcess {
  let running = startRun(config);
  /** Takes over at once: what it takes to start a process is nobody's matter here. */
  let spare = startRun(config);
  return {
    async call(call, args, killAfterMs) {
      const { child, isReady, ended } = running;
      await isReady;
      child.send({ call, args });
      const timer =
        killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      const said = await Promise.race([nextMessage(child), ended]);
      clearTimeout(timer);
      if (said !== null) return saidIn(said);
      running = spare;
      spare = startRun(config);
      return null;
    },
    async close() {
      for (const { child, ended } of [running, spare]) {
        child.kill('SIGKILL');
        await ended;
      }
    },
  };
}

function startRun(config: string) {
  const child = fork(SCRIPT, [`${ROOT}/dist`, config], { stdio: 'inherit' });
  return {
    child,
    isReady: nextMessage(child),
    ended: new Promise<null>((resolve) => child.once('close', () => resolve(null))),
  };
}

const nextMessage = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => child.once('message', resolve));

function saidIn(message: unknown): Said {
  const { said, failed } = message as { said?: Said; failed?: string };
  if (said === undefined) throw new Error(`The controller failed: ${failed}`);
  return said;
}
