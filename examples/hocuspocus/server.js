// A Hocuspocus server whose documents dualpath loads and stores.
//
//   npm install ./dualpath-0.1.0.tgz @hocuspocus/server yjs y-protocols   # the file that `npm pack` makes of dualpath
//   PORT=1234 node server.js cohorts.yaml
//
// The editor: new HocuspocusProvider({ url: 'ws://localhost:1234/?deviceId=' + id, name: documentId, token }), where the id is
// made once a browser and kept in its localStorage. A provider has what it typed acknowledged when it is committed.
import { Server } from '@hocuspocus/server';
import { openDocumentStore } from 'dualpath';
import { dualpathExtension } from 'dualpath/hocuspocus';

const documents = await openDocumentStore({ config: process.argv[2] ?? 'cohorts.yaml' });
const dualpath = dualpathExtension({ documents });

const server = new Server({
  port: Number(process.env.PORT ?? 1234),
  address: process.env.HOST ?? '127.0.0.1',
  quiet: true,
  // The only extension that loads or stores: another one would fill the same document a second time.
  extensions: [dualpath],

  async onAuthenticate({ requestParameters }) {
    // Your own check of `token` and `documentName` belongs here; throw to turn somebody away. What it returns says which
    // device this is, and goes before what the client says of itself.
    return { deviceId: requestParameters.get('deviceId') };
  },

  async onListen({ port }) {
    console.log(`Listening on ${port}`);
  },

  async onDestroy() {
    await documents.close();
  },
});

await server.listen();
