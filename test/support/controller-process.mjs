// A rollout's commands in a process of its own, to be killed: node controller-process.mjs DIST CONFIG. Each message is a
// call of the controller and its arguments; the answer says how the command line would have ended.
import { pathToFileURL } from 'node:url';

const [, , dist, config] = process.argv;
const { openController, DualpathError } = await import(
  new URL('controller.js', pathToFileURL(`${dist}/`)).href
);

async function run({ call, args }) {
  const controller = await openController({ config, operator: 'test', reason: 'a drill' });
  try {
    const { outcome = 'done', verdict, because, waitingFor } = await controller[call](...args);
    return { said: { outcome, verdict, because, waitingFor } };
  } catch (error) {
    if (!(error instanceof DualpathError)) return { failed: `${error?.stack ?? error}` };
    return { said: { outcome: error.code, message: error.message, details: error.details } };
  } finally {
    await controller.close();
  }
}

process.on('message', async (message) => process.send(await run(message)));
process.on('disconnect', () => process.exit());
process.send('ready');
