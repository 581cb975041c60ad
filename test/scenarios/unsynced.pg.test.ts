import { beforeAll, describe, expect, it } from 'vitest';
import type { MoveReport } from '../../src/controller.ts';
import { type DocumentStore, openDocumentStore } from '../../src/index.ts';
import { Device } from '../support/device.ts';
import { controlling, openScenario, type Scenario, save, stageOf } from '../support/scenario.ts';

const DRY = ['rollback', 'everyone', '--reason', 'a drill', '--dry-run'];

describe('devices that hold edits while their cohort is about to be rolled back', () => {
  let scenario: Scenario;
  let documents: DocumentStore;
  let id: string;
  let phone: Device;

  beforeAll(async () => {
    scenario = await openScenario({ documents: 3 });
    documents = await openDocumentStore({ config: scenario.rollout.config, pool: scenario.database.pool });
    const { rows } = await scenario.database.pool.query('select min(id::text) as id from public.documents');
    id = rows[0].id;
    await forward();
    phone = await Device.open(documents, id, 'phone', 'tab');
  });

  const forward = () =>
    controlling(scenario, async (controller) => {
      await controller.start('everyone');
      await save(scenario, 'anobservation');
      await controller.soak([]);
      await controller.flip('everyone');
    });
  const beat = (deviceId: string, head: number, acknowledged?: number) =>
    documents.heartbeat({
      id,
      deviceId,
      session: 'tab',
      head,
      ...(acknowledged === undefined ? {} : { acknowledged }),
      pendingBytes: head === acknowledged ? 0 : 120,
      durability: 'stored',
    });
  const foreseen = () => scenario.rollout.run<MoveReport>(DRY);

  it('nobody is named where all said that they have nothing to push', async () => {
    await beat('laptop', 4, 4);
    expect(await foreseen()).toMatchObject({
      outcome: 'would',
      wouldLose: [],
      unsynced: [],
      unsyncedTotal: 0,
    });
  });

  it('who said so last is named, with how far it is and when it was seen', async () => {
    await beat('laptop', 5, 4);
    await beat('laptop', 5, 5);
    await beat('phone', 2, 0);
    await beat('tablet', 1);
    expect(await foreseen()).toMatchObject({
      unsyncedTotal: 2,
      unsynced: [
        {
          document: id,
          device: 'phone',
          head: 2,
          acknowledged: 0,
          pendingBytes: 120,
          at: expect.any(String),
        },
        { document: id, device: 'tablet', head: 1, acknowledged: null },
      ],
    });
    const { stdout } = await scenario.rollout.try(DRY);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('2 devices hold unsynced edits');
    expect(stdout).toMatch(/phone, edits to 2, acknowledged to 0, 120 bytes pending, seen 2\d{3}-/);
  });

  it('a push of what was told of clears it, before the device says so itself', async () => {
    phone.paragraph(0).insert(0, 'fromthebus ');
    const update = phone.takeUnsent();
    await documents.push({ id, deviceId: 'phone', session: 'tab', seq: 2, update });
    expect((await foreseen()).unsynced).toMatchObject([{ device: 'tablet' }]);
  });

  it('what is pushed after the rollback is taken in, and forward again', async () => {
    const tablet = await Device.open(documents, id, 'tablet', 'tab');
    tablet.paragraph(0).insert(0, 'fromthetablet ');
    await scenario.rollout.run(DRY.slice(0, -1));
    await documents.push({ id, deviceId: 'tablet', session: 'tab', seq: 1, update: tablet.takeUnsent() });
    const { content } = await documents.load({ id });
    expect(JSON.stringify(content)).toMatch(/fromthetablet.*fromthebus|fromthebus.*fromthetablet/);
    await forward();
    expect(await stageOf(scenario)).toBe('baking');
    expect(await foreseen()).toMatchObject({ unsyncedTotal: 0 });
  });
});
