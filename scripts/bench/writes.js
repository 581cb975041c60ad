import * as Y from 'yjs';

/**
 * A save through both paths, and a push, each beside a plain UPDATE of the same content, one of each in turn; and the floor, a
 * transaction by hand that locks and reads both rows and writes what it was given, beside the same.
 */
export async function benchWrites(world, rounds) {
  const saves = await measure(rounds, saving(world), plainly(world));
  const pushes = await measure(rounds, await pushing(world), plainly(world));
  const floor = await measure(rounds, await byHand(world), plainly(world));
  const size = Math.round(JSON.stringify(world.contents[0]).length / 1000);
  return [
    ...rowsOf(`save of a ${size} KB document`, saves),
    ...rowsOf(`push of five keystrokes into a ${size} KB document`, pushes),
    rowOf('floor: both rows written by hand, no guard', floor, 0.5, ''),
  ];
}

const rowsOf = (what, times) => [rowOf(what, times, 0.5, '≤ 2×'), rowOf(what, times, 0.99, '≤ 3×')];

const rowOf = (what, { ours, peer }, share, target) => ({
  what: `${what}, p${share * 100}`,
  ours: at(ours, share),
  peer: at(peer, share),
  unit: 'ms',
  target,
});

const at = (times, share) =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))];

/** A server that has been up for a while. */
const WARM = 100;

async function measure(rounds, write, writePlain) {
  const ours = [];
  const peer = [];
  for (let round = 0; round < rounds + WARM; round += 1) {
    const [mine, plain] = [await timed(() => write(round)), await timed(() => writePlain(round))];
    if (round < WARM) continue;
    ours.push(mine);
    peer.push(plain);
  }
  return { ours, peer };
}

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function byHand({ pool, contents }) {
  await pool.query(`drop table if exists by_hand, by_hand_state;
    create table by_hand (like plain including all); insert into by_hand select * from plain;
    create table by_hand_state (like local_first.documents including all);
    insert into by_hand_state select * from local_first.documents`);
  const shown = contents.map((content) => structuredClone(content));
  return async (round) => {
    const content = shown[round % shown.length];
    edit(content, round);
    const id = `d${round % shown.length}`;
    const client = await pool.connect();
    try {
      await client.query('begin');
      const { rows } = await client.query(
        'select state from by_hand join by_hand_state using (id) where id = $1 for no key update',
        [id],
      );
      await client.query(
        'update by_hand set content = $2, revision = revision + 1, updated_at = now() where id = $1 returning revision',
        [id, JSON.stringify(content)],
      );
      await client.query('update by_hand_state set state = $2, updated_at = now() where id = $1', [
        id,
        rows[0].state,
      ]);
      await client.query('commit');
    } finally {
      client.release();
    }
  };
}

function saving({ documents, contents }) {
  const shown = contents.map((content) => ({ content: structuredClone(content), revision: 1 }));
  return async (round) => {
    const document = shown[round % shown.length];
    edit(document.content, round);
    const id = `d${round % shown.length}`;
    const saved = await documents.save({
      id,
      content: document.content,
      baseRevision: document.revision,
      deviceId: 'bench',
    });
    document.revision = saved.revision;
  };
}

function plainly({ pool, contents }) {
  const shown = contents.map((content) => structuredClone(content));
  return async (round) => {
    const content = shown[round % shown.length];
    edit(content, round);
    await pool.query(
      'update plain set content = $2, revision = revision + 1, updated_at = now() where id = $1 returning revision',
      [`d${round % shown.length}`, JSON.stringify(content)],
    );
  };
}

async function pushing({ documents, contents }) {
  const devices = [];
  for (const n of contents.keys()) {
    const doc = new Y.Doc({ gc: false });
    const names = { id: `d${n}`, deviceId: `device ${n}`, session: 'bench' };
    const { update } = await documents.pull(names);
    Y.applyUpdate(doc, update, 'server');
    const updates = [];
    doc.on('update', (bytes) => updates.push(bytes));
    devices.push({ doc, names, updates, seq: 0 });
  }
  return async (round) => {
    const device = devices[round % devices.length];
    const text = firstText(device.doc.getXmlFragment('default'));
    for (let key = 0; key < 5; key += 1) text.insert(key, 'k');
    const update = Y.mergeUpdates(device.updates.splice(0));
    device.seq += 1;
    await documents.push({ ...device.names, seq: device.seq, update });
  };
}

function firstText(parent) {
  for (const child of parent.toArray()) {
    if (child instanceof Y.XmlText) return child;
    const found = firstText(child);
    if (found) return found;
  }
  return null;
}

/** A word more in one paragraph, as between two autosaves. */
function edit(content, round) {
  const paragraphs = content.content.filter((node) => node.content?.[0]?.type === 'text');
  const node = paragraphs[round % paragraphs.length];
  node.content[0].text += ` word${round}`;
}
