import { digestOf } from '@pratique/contracts';
import { anImage, describeCheck, inspect, type ShownImage } from './check.contract.js';

const days = (count: number): string => new Date(Date.now() - count * 24 * 60 * 60 * 1000).toISOString();
const [base, other] = [digestOf('base'), digestOf('other')];
const baseDigest = 'org.opencontainers.image.base.digest';

describe('scan/checks/image-config.check', () => {
  describeCheck('image-config', {
    settings: { 'image-config': { user: 'not-root' } },
    passes: { image: { config: { User: '10001' } } },
    fails: { image: { config: {} } },
    refusedSettings: [
      { 'image-config': {} },
      { 'image-config': { user: 'root' } },
      { 'image-config': { ports: ['80'] } },
      { 'image-config': { ports: [80] } },
      { 'image-config': { labels: {} } },
      { 'image-config': { maxAgeDays: 0 } },
      { 'image-config': { maxBytes: '1G' } },
      { 'image-config': { baseDigests: ['latest'] } },
      { 'image-config': { baseNames: [] } },
    ],
  });

  it.each<[object, ShownImage, string | undefined]>([
    [{ user: 'not-root' }, { config: { User: 'app' } }, undefined],
    [{ user: 'not-root' }, { config: { User: 'app:0' } }, undefined],
    [{ user: 'not-root' }, { config: { User: 'root' } }, 'runs-as-root'],
    [{ user: 'not-root' }, { config: { User: 'root:app' } }, 'runs-as-root'],
    [{ user: 'not-root' }, { config: { User: '0' } }, 'runs-as-root'],
    [{ user: 'not-root' }, { config: { User: '+00:5' } }, 'runs-as-root'],
    [{ user: 'not-root' }, { config: { User: ':5' } }, 'runs-as-root'],
    [{ user: 'not-root' }, { config: { User: null } }, 'runs-as-root'],
    [{ user: 'not-root' }, { config: null }, 'runs-as-root'],
    [{ user: 'not-root' }, { config: { User: 'ContainerAdministrator' } }, 'runs-as-root'],
    [{ user: 'numeric' }, { config: { User: '10001:10001' } }, undefined],
    [{ user: 'numeric' }, { config: { User: 'app' } }, 'user-not-numeric'],
    [{ ports: [] }, { config: {} }, undefined],
    [{ ports: [] }, { config: { ExposedPorts: { '80/tcp': {} } } }, 'port-not-allowed'],
    [{ ports: ['8080/tcp'] }, { config: { ExposedPorts: { '8080': {} } } }, undefined],
    [{ ports: ['8080/tcp'] }, { config: { ExposedPorts: { '8080/udp': {} } } }, 'port-not-allowed'],
    [{ ports: ['8000-8999/tcp'] }, { config: { ExposedPorts: { '8100-8200/TCP': {} } } }, undefined],
    [{ ports: ['8000-8999/tcp'] }, { config: { ExposedPorts: { '8900-9000/tcp': {} } } }, 'port-not-allowed'],
    [{ ports: ['1-65535/tcp'] }, { config: { ExposedPorts: { all: {} } } }, 'port-not-allowed'],
    [{ labels: { source: '**' } }, { config: { Labels: { source: 'https://a/b' } } }, undefined],
    [{ labels: { source: '**' } }, { config: { Labels: { source: '' } } }, 'label-missing'],
    [{ labels: { source: '**' } }, { config: {} }, 'label-missing'],
    [{ labels: { toString: '**' } }, { config: { Labels: {} } }, 'label-missing'],
    [
      { labels: { source: 'https://a/*' } },
      { config: { Labels: { source: 'https://b/c' } } },
      'label-differs',
    ],
    [{ maxAgeDays: 30 }, { created: days(29) }, undefined],
    [{ maxAgeDays: 30 }, { created: days(31) }, 'too-old'],
    [{ maxAgeDays: 30 }, { created: days(-0.01) }, undefined],
    [{ maxAgeDays: 30 }, { created: days(-2) }, 'age-unknown'],
    [{ maxAgeDays: 30 }, { created: 'yesterday' }, 'age-unknown'],
    [{ maxAgeDays: 30 }, {}, 'age-unknown'],
    [{ maxBytes: 100 }, { size: 100 }, undefined],
    [{ maxBytes: 100 }, { size: 101 }, 'too-large'],
    [{ baseDigests: [base] }, { annotations: { [baseDigest]: base } }, undefined],
    [{ baseDigests: [base] }, { config: { Labels: { [baseDigest]: base } } }, undefined],
    [{ baseDigests: [base] }, { annotations: { [baseDigest]: other } }, 'base-not-allowed'],
    [{ baseDigests: [base] }, {}, 'base-unknown'],
    [
      { baseNames: ['docker.io/library/alpine:*'] },
      { annotations: { 'org.opencontainers.image.base.name': 'docker.io/library/alpine:3.22' } },
      undefined,
    ],
    [
      { baseNames: ['docker.io/library/alpine:*'] },
      { annotations: { 'org.opencontainers.image.base.name': 'evil.example/alpine:3.22' } },
      'base-not-allowed',
    ],
  ])('asked for %j, finds in %j: %s', (settings, image, id) => {
    const { result, findings } = inspect({ 'image-config': settings }, { image });

    expect([result, findings.map((finding) => finding.id)]).toEqual(
      id === undefined ? ['passed', []] : ['failed', [id]],
    );
  });

  it('finds everything that is wrong, and where it stands', () => {
    const settings = { user: 'numeric', maxBytes: 1, labels: { source: '**' } };
    const { findings } = inspect({ 'image-config': settings }, { image: { size: 2 } });

    expect(findings.map(({ id }) => id)).toEqual(['runs-as-root', 'label-missing', 'too-large']);
    expect(new Set(findings.map(({ layer }) => layer))).toEqual(new Set([anImage({}).descriptor.digest]));
  });
});
