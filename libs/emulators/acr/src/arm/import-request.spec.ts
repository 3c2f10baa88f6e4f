import { ArmError } from './arm-error.js';
import { parseImportRequest } from './import-request.js';

const digest = `sha256:${'0'.repeat(64)}`;

function parsed(sourceImage: string, more: object = { targetTags: ['target'] }) {
  return parseImportRequest(
    Buffer.from(JSON.stringify({ source: { registryUri: 'host', sourceImage }, ...more })),
  );
}

describe('emulators/acr/arm/import-request', () => {
  it.each(['', '{', '[]', '{}', '{"source":{}}', '{"source":{"sourceImage":1}}'])(
    'refuses the body %p',
    (body) => expect(() => parseImportRequest(Buffer.from(body))).toThrow(ArmError),
  );

  it.each(['', 'A', 'a:', 'a:b:c', 'a@sha256:1', 'host.example/a:1:2'])('refuses the image %p', (image) =>
    expect(() => parsed(image)).toThrow(ArmError),
  );

  it('refuses an unknown mode', () =>
    expect(() => parsed('a', { targetTags: ['a'], mode: 'Sometimes' })).toThrow(ArmError));

  it.each([
    ['team/api', 'latest'],
    ['team/api:1.0', '1.0'],
    [`team/api@${digest}`, digest],
  ])('reads %s', (image, reference) =>
    expect(parsed(image)).toMatchObject({ repository: 'team/api', reference }),
  );

  it.each([
    ['team/api:1.0', '1.0'],
    ['team/api', 'latest'],
    [`team/api@${digest}`, 'latest'],
  ])('gives a target without tag that of %s', (image, tag) =>
    expect(parsed(image).targets).toEqual([{ repository: 'target', tags: [tag] }]),
  );

  it('gathers targets by repository', () => {
    const more = { targetTags: ['a:1', 'b:1', 'a:2'], untaggedTargetRepositories: ['a', 'c'] };
    expect(parsed('team/api', more).targets).toEqual([
      { repository: 'a', tags: ['1', '2'] },
      { repository: 'b', tags: ['1'] },
      { repository: 'c', tags: [] },
    ]);
  });

  it('forces only when told to', () => {
    expect(parsed('a').force).toBe(false);
    expect(parsed('a', { targetTags: ['a'], mode: 'Force' }).force).toBe(true);
  });
});
