import { heardRegistryEvent, type HeardEvent } from '@pratique/contracts';
import { hearBody } from './hear-recordings.contract.js';

const push = (repo: string, fields: object = {}) => ({
  push_data: { tag: 'latest', pushed_at: 1772612130, ...fields },
  repository: { repo_name: repo },
});

describe('registries/docker-hub.registry', () => {
  it('puts an image without a namespace where Docker Hub keeps it', async () => {
    expect(await hearBody('docker-hub', push('alpine'))).toMatchObject([
      { data: { repository: 'library/alpine' } },
    ]);
  });

  it('takes the second of the push for the time and the identity', async () => {
    expect(await hearBody('docker-hub', push('contoso/api'))).toMatchObject([
      {
        identity: ['pushed', 'contoso/api', 'latest', '', '2026-03-04T08:15:30.000Z'],
        data: { occurredAt: '2026-03-04T08:15:30.000Z' },
      },
    ]);
  });

  it('counts a push without a time once a minute, and not once for ever', async () => {
    const idAt = async (time: string): Promise<string> => {
      const receivedAt = new Date(`2026-03-04T${time}Z`);
      const heard = await hearBody('docker-hub', push('contoso/api', { pushed_at: null }), { receivedAt });
      return heardRegistryEvent((heard as [HeardEvent])[0]).id;
    };
    const [first, again, later] = [await idAt('08:15:01'), await idAt('08:15:59'), await idAt('08:16:30')];

    expect(again).toBe(first);
    expect(later).not.toBe(first);
  });
});
