import { digestOf } from '@pratique/contracts';
import { cosignTags, supersedes } from './cosign-tags.js';
import { mediaType } from './media-types.js';

const manifestOf = (...layers: string[]): Parameters<typeof supersedes>[0] => ({
  schemaVersion: 2,
  config: { mediaType: mediaType.ociConfig, digest: digestOf('{}'), size: 2 },
  layers: layers.map((text) => ({
    mediaType: mediaType.ociLayer,
    digest: digestOf(text),
    size: text.length,
  })),
});

describe('oci/cosign-tags', () => {
  it('names the three tags', () => {
    const digest = digestOf('x');
    const hex = digest.slice('sha256:'.length);
    expect(cosignTags(digest)).toEqual([`sha256-${hex}.sig`, `sha256-${hex}.att`, `sha256-${hex}.sbom`]);
  });

  it('lets only a manifest that loses nothing take the place of another', () => {
    expect(supersedes(manifestOf('a', 'b'), manifestOf('a'))).toBe(true);
    expect(supersedes(manifestOf('a'), manifestOf('a', 'b'))).toBe(false);
    expect(supersedes(manifestOf('a'), { schemaVersion: 2, manifests: [] })).toBe(false);
  });
});
