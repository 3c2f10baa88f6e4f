import { sha256Of } from '../registry/image-names.js';
import { errorCodes } from '../testing/registry-client.js';
import { clientOf, developer, reader, Running } from '../testing/registry-fixture.js';

const running = new Running();
afterEach(() => running.stop());

const bytes = Buffer.from('0123456789');
const digest = sha256Of(bytes);

async function pushed() {
  const registry = await running.registry();
  const client = clientOf(registry, developer);
  await client.pushBlob('team/api', bytes);
  return { registry, client };
}

describe('emulators/acr/distribution/blobs', () => {
  it('refuses a digest that is not one', async () => {
    const { client } = await pushed();
    const answer = await client.send('GET', '/v2/team/api/blobs/sha512:00');
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['DIGEST_INVALID']]);
  });

  it('does not give a blob of another repository', async () => {
    const { client } = await pushed();
    const answer = await client.send('GET', `/v2/other/blobs/${digest}`);
    expect([answer.status, errorCodes(answer)]).toEqual([404, ['BLOB_UNKNOWN']]);
  });

  it('does not give a manifest as a blob', async () => {
    const { client } = await pushed();
    const manifest = await client.pushImage('team/api', '1.0', 'layer');
    expect((await client.send('GET', `/v2/team/api/blobs/${manifest.digest}`)).status).toBe(404);
  });

  it('gives the bytes with length and digest', async () => {
    const { client } = await pushed();
    const answer = await client.send('GET', `/v2/team/api/blobs/${digest}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(bytes);
    expect(answer.headers).toMatchObject({ 'content-length': '10', 'docker-content-digest': digest });
  });

  it('tells length and digest without the bytes', async () => {
    const { client } = await pushed();
    const answer = await client.send('HEAD', `/v2/team/api/blobs/${digest}`);
    expect([answer.status, answer.body.length, answer.headers['content-length']]).toEqual([200, 0, '10']);
  });

  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=8-500', '89', 'bytes 8-9/10'],
  ])('gives the part %s', async (range, text, contentRange) => {
    const { client } = await pushed();
    const answer = await client.send('GET', `/v2/team/api/blobs/${digest}`, { headers: { range } });
    expect(answer.status).toBe(206);
    expect(answer.body.toString()).toBe(text);
    expect(answer.headers['content-range']).toBe(contentRange);
  });

  it('refuses a range behind the end and tells the length', async () => {
    const { client } = await pushed();
    const answer = await client.send('GET', `/v2/team/api/blobs/${digest}`, {
      headers: { range: 'bytes=10-' },
    });
    expect([answer.status, answer.headers['content-range']]).toEqual([416, 'bytes */10']);
  });

  it('deletes a blob from one repository and leaves it in another', async () => {
    const { client } = await pushed();
    await client.pushBlob('other', bytes);
    expect((await client.send('DELETE', `/v2/team/api/blobs/${digest}`)).status).toBe(202);
    expect((await client.send('HEAD', `/v2/team/api/blobs/${digest}`)).status).toBe(404);
    expect((await client.send('HEAD', `/v2/other/blobs/${digest}`)).status).toBe(200);
  });

  it('does not let one delete who may only pull', async () => {
    const { registry } = await pushed();
    const answer = await clientOf(registry, reader).send('DELETE', `/v2/team/api/blobs/${digest}`);
    expect([answer.status, errorCodes(answer)]).toEqual([401, ['UNAUTHORIZED']]);
  });
});
