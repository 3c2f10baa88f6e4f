import * as fc from 'fast-check';
import { readOciPackageUrl } from './package-url.js';

describe('registries/package-url', () => {
  it('reads host, repository, tag and digest', () => {
    const text =
      'pkg:oci/poi@sha256%3A0f?arch=amd64&repository_url=https://r.example:5000/maps/poi/&tag=v1#x';

    expect(readOciPackageUrl(text)).toEqual({
      host: 'r.example:5000',
      repository: 'maps/poi',
      tag: 'v1',
      digest: 'sha256:0f',
    });
  });

  it('says nothing about other types, and never throws', () => {
    expect(readOciPackageUrl('pkg:docker/poi@1')).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => void readOciPackageUrl(`pkg:oci/${text}`)));
  });
});
