import { hearBody, inShort } from './hear-recordings.contract.js';

const cdevent = (type: string, id: string) => ({
  context: { version: '0.4.1', id: '1', source: '/ci', type, timestamp: '2026-03-04T08:15:30Z' },
  subject: { id },
});
const published = 'dev.cdevents.artifact.published.0.2.0';
const image = 'pkg:oci/poi?repository_url=registry.example/maps/poi&tag=v1';

describe('registries/cdevents.registry', () => {
  it('hears any version of an event, and a repository that is told without its last part', async () => {
    const short = 'pkg:oci/poi?repository_url=registry.example/maps&tag=v1';

    expect(inShort(await hearBody('cdevents', cdevent(published, image)))).toEqual(['pushed maps/poi:v1']);
    expect(
      inShort(await hearBody('cdevents', cdevent('dev.cdevents.artifact.published.1.0.0-draft', short))),
    ).toEqual(['pushed maps/poi:v1']);
  });

  it.each([
    'pkg:npm/poi@1.0.0',
    'pkg:oci/poi@sha256%3Aabc',
    'registry.example/maps/poi:v1',
    'pkg:oci/%E0%A4%A',
  ])('has no interest in %s, which is not at the host of the settings', async (id) => {
    expect(await hearBody('cdevents', cdevent(published, id))).toEqual([]);
  });

  it('refuses an event whose wrapping names another type', async () => {
    const data = cdevent(published, image);
    const wrapped = {
      specversion: '1.0',
      id: '1',
      source: '/ci',
      type: published.replace('published', 'deleted'),
      data,
    };

    expect(await hearBody('cdevents', wrapped)).toMatchObject({ reason: 'malformed' });
  });
});
