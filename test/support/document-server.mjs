// An editor's server in a process of its own, to be killed: node document-server.mjs DIST, CONFIG and FLAGS in the
// environment. It answers POST /save, /load, /push, /pull and /pathFor with JSON; bytes travel as {"base64": …}. The
// header `x-die` says when it is to kill itself: `answer`, when the call is done and nobody knows it yet, or after so
// many milliseconds.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { InMemStorageProvider, Unleash } from 'unleash-client';

const [, , dist] = process.argv;
const { openDocumentStore, DualpathError } = await import(
  new URL('index.js', pathToFileURL(`${dist}/`)).href
);

const flags = {
  client: undefined,
  text: '',
  isEnabled: (name, context) => flags.client?.isEnabled(name, context) ?? false,
};

/** The real SDK on what the flags file says now; FLAGS of a server with stale flags is a copy that nobody writes. */
async function readFlags() {
  const text = readFileSync(process.env.FLAGS, 'utf8');
  if (text === flags.text) return;
  const client = new Unleash({
    appName: 'editor',
    url: 'http://127.0.0.1:9',
    refreshInterval: 0,
    disableMetrics: true,
    skipInstanceCountWarning: true,
    storageProvider: new InMemStorageProvider(),
    bootstrap: { data: JSON.parse(text).features },
  });
  await new Promise((resolve) => client.once('synchronized', resolve));
  flags.client?.destroy();
  Object.assign(flags, { client, text });
}

const documents = await openDocumentStore({ config: process.env.CONFIG, flags });

const die = () => process.kill(process.pid, 'SIGKILL');
const revive = (_key, value) =>
  typeof value?.base64 === 'string' ? new Uint8Array(Buffer.from(value.base64, 'base64')) : value;
const dress = (_key, value) =>
  value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;

async function answer(call, body) {
  try {
    if (call === 'pathFor') await readFlags();
    return { done: await documents[call](JSON.parse(body, revive)) };
  } catch (error) {
    if (!(error instanceof DualpathError))
      return { failed: { code: 'internal', message: `${error?.stack ?? error}` } };
    const { code, message, retryable, details } = error;
    return { failed: { code, message, retryable, details } };
  }
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const when = request.headers['x-die'];
  if (when !== undefined && when !== 'answer') setTimeout(die, Number(when));
  const said = await answer(request.url.slice(1), Buffer.concat(chunks).toString());
  if (when === 'answer') die();
  response.end(JSON.stringify(said, dress));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
// Whoever started it is gone.
process.stdin.resume().on('end', () => process.exit());
