import { type BuiltImage, describeBytes, mediaType } from '@pratique/oci';
import {
  artifact,
  configOf,
  goodLayer,
  gzip,
  image,
  indexOf,
  type Layer,
  layer,
  manifestOf,
  plain,
  rawManifest,
  said,
} from './forge-image.js';
import type { HostileTable } from './hostile-table.js';
import { file, tar } from './tar-forge.js';

const good = image([goodLayer]);
const other = plain(tar(file('other.bicep')));
const bad = image([plain(tar(file('run.sh')))]);
const manifest = good.manifests[0]!.bytes.toString();

/** What lies about the parts of an image, in its manifest and config. */
export const manifests: HostileTable = {
  'a layer that is larger than said': ['digest-mismatch', () => withLayer(said(goodLayer, { size: 100 }))],
  'a layer that is smaller than said': [
    'digest-mismatch',
    () => withLayer(said(goodLayer, { size: 1_000_000 })),
  ],
  'a layer of 2^50 bytes': ['limit-exceeded', () => withLayer(said(goodLayer, { size: 2 ** 50 }))],
  'a layer that is said to be empty': ['digest-mismatch', () => withLayer(said(goodLayer, { size: 0 }))],
  'a config that is larger than said': [
    'digest-mismatch',
    () => image([goodLayer], said(configOf([goodLayer]), { size: 10 })),
  ],
  'another layer under the digest': [
    'digest-mismatch',
    () => ({ ...good, instead: { [goodLayer.descriptor.digest]: other.bytes } }),
  ],
  'a layer that is not there': [
    'not-readable',
    () => ({ ...good, instead: { [goodLayer.descriptor.digest]: 'missing' } }),
  ],
  'a layer that never ends': [
    'limit-exceeded',
    () => ({ ...good, instead: { [goodLayer.descriptor.digest]: 'stall' } }),
  ],
  'a config that is not there': [
    'not-readable',
    () => ({ ...good, instead: { [configOf([goodLayer]).descriptor.digest]: 'missing' } }),
  ],
  'a diffID of another layer': ['digest-mismatch', () => image([goodLayer], configOf([other]))],
  'diffIDs in another order': [
    'digest-mismatch',
    () => image([goodLayer, other], configOf([other, goodLayer])),
  ],
  'too few diffIDs': ['not-readable', () => image([goodLayer, other], configOf([goodLayer]))],
  'too many diffIDs': ['not-readable', () => image([goodLayer], configOf([goodLayer, other]))],
  'a diffID that is no digest': [
    'not-readable',
    () => image([goodLayer], configOf([{ ...goodLayer, diffId: 'sha256:x' }])),
  ],
  '300 times the same layer': ['limit-exceeded', () => image(Array<Layer>(300).fill(goodLayer))],
  'a bomb in each of 40 layers': [
    'limit-exceeded',
    () => image(Array.from({ length: 40 }, (_, index) => halfBomb(index))),
  ],
  'a foreign layer that is elsewhere': ['not-readable', () => foreign()],
  'a layer of an unknown type': [
    'not-readable',
    () => withLayer(said(goodLayer, { mediaType: 'application/octet-stream' })),
  ],
  'an encrypted layer': [
    'not-readable',
    () => withLayer(said(goodLayer, { mediaType: `${mediaType.ociLayer}+encrypted` })),
  ],
  'a squashfs layer': [
    'not-readable',
    () => withLayer(said(goodLayer, { mediaType: 'application/vnd.example.squashfs' })),
  ],
  'no layers': ['nothing-to-check', () => image([])],
  'empty layers': ['nothing-to-check', () => image([plain(tar()), layer(gzip(tar()), tar())])],
  'a config of 9 MiB': [
    'limit-exceeded',
    () => image([goodLayer], configOf([goodLayer], { history: 'x'.repeat(9 * 2 ** 20) })),
  ],
  'a config of 500,000 objects in which one lies': [
    'not-readable',
    () => image([goodLayer], raw(configText(`"history":[${'{},'.repeat(500_000)}{"a":1,"a":2}]`))),
  ],
  'a config nested 100,000 deep that lies': [
    'not-readable',
    () => image([goodLayer], raw(configText(`"history":${'['.repeat(1e5)}{"a":1,"a":2}${']'.repeat(1e5)}`))),
  ],
  'a config with a field twice': [
    'not-readable',
    () => image([goodLayer], raw(configText('"rootfs":{"diff_ids":[]}'))),
  ],
  'a config with fields in another case': [
    'not-readable',
    () => image([goodLayer], configOf([goodLayer], { RootFS: {} })),
  ],
  'a config that is not JSON': ['not-readable', () => image([goodLayer], raw('MZ'))],
  'a config that is a list': ['not-readable', () => image([goodLayer], raw('[]'))],
  'a config that breaks off': ['not-readable', () => image([goodLayer], raw('{"rootfs":{"diff_ids":['))],
  'an image whose config names no layers': ['not-readable', () => image([goodLayer], raw('{}'))],
  'an image behind a config of another type': ['failed', () => hiddenImage()],
};

/** What lies in indexes, artifacts and documents. */
export const documents: HostileTable = {
  'an index of nothing': ['nothing-to-check', () => indexOf([])],
  'an index with one bad child': ['failed', () => indexOf([good, bad])],
  'an index with an unreadable child': ['not-readable', () => indexOf([good, rawManifest('{')])],
  'an index that is its own child': ['digest-mismatch', () => cycle()],
  'two indexes that name each other': ['digest-mismatch', () => cycle(indexOf([good]))],
  'indexes nested ten deep': ['limit-exceeded', () => nest(good, 10)],
  'an index of 200 images': [
    'limit-exceeded',
    () =>
      indexOf(
        Array.from({ length: 200 }, (_, index) =>
          image([goodLayer], configOf([goodLayer], { author: String(index) })),
        ),
      ),
  ],
  'an index that names 20,000 times the same': [
    'limit-exceeded',
    () => indexOf([good], Array(20_000).fill(good.root)),
  ],
  'an index that names a blob': [
    'not-readable',
    () => indexOf([good], [good.root, { ...goodLayer.descriptor, mediaType: 'application/octet-stream' }]),
  ],
  'an index that lies about a size': [
    'not-readable',
    () => indexOf([good], [{ ...good.root, size: good.root.size + 1 }]),
  ],
  'an index that lies about a type': [
    'not-readable',
    () => indexOf([good], [{ ...good.root, mediaType: mediaType.dockerManifest }]),
  ],
  'an index whose child is not there': [
    'not-readable',
    () => ({ ...indexOf([good]), instead: { [good.root.digest]: 'missing' } }),
  ],
  'a child under which another is served': [
    'digest-mismatch',
    () => ({ ...indexOf([good]), instead: { [good.root.digest]: bad.manifests[0]!.bytes } }),
  ],
  'an index and an image in one document': [
    'not-readable',
    () => ({ ...rawManifest(manifest.replace('"layers"', '"manifests":[],"layers"')), blobs: good.blobs }),
  ],
  'a manifest with a field twice': [
    'not-readable',
    () => ({ ...rawManifest(manifest.replace('"layers"', '"layers":[],"layers"')), blobs: good.blobs }),
  ],
  'a manifest with a field in another case': [
    'not-readable',
    () => ({ ...rawManifest(manifest.replace('"layers"', '"Layers":[],"layers"')), blobs: good.blobs }),
  ],
  'a manifest that is not JSON': ['not-readable', () => rawManifest('<html>')],
  'a manifest of 5 MiB': ['limit-exceeded', () => rawManifest(manifest.padEnd(5 * 2 ** 20, ' '))],
  'a manifest of the first schema': [
    'not-readable',
    () => rawManifest('{"schemaVersion":1}', 'application/vnd.docker.distribution.manifest.v1+prettyjws'),
  ],
  'a manifest of an unknown type': [
    'not-readable',
    () => rawManifest('{"schemaVersion":2}', 'application/vnd.example+json'),
  ],
  'a manifest that calls itself another type': [
    'not-readable',
    () => rawManifest(manifest, mediaType.dockerManifest),
  ],
  'an artifact of nothing but the empty descriptor': [
    'nothing-to-check',
    () => artifact([[undefined, '{}', mediaType.ociEmpty]]),
  ],
  'a blob without a title': [
    'not-readable',
    () =>
      artifact([
        ['main.bicep', 'x'],
        [undefined, 'x', 'application/octet-stream'],
      ]),
  ],
  'a title that climbs': ['not-readable', () => artifact([['a/../../main.bicep', 'x']])],
  'a title that names nothing': ['not-readable', () => artifact([['./', 'x']])],
  'a title with NUL': ['not-readable', () => artifact([['run.sh\0.bicep', 'x']])],
  'a zip bomb under an allowed title': [
    'failed',
    () => artifact([['main.bicep', Buffer.from('504b0304', 'hex')]]),
  ],
  'a program under an allowed title': [
    'failed',
    () => artifact([['main.bicep', Buffer.from('7f454c46020101', 'hex')]]),
  ],
  'UTF-16 under an allowed title': [
    'failed',
    () => artifact([['main.bicep', Buffer.from('param a', 'utf16le')]]),
  ],
  'a bad file among 500 good ones': [
    'limit-exceeded',
    () =>
      artifact([
        ...Array.from({ length: 500 }, (_, index) => [`${index}.bicep`, String(index)] as [string, string]),
        ['run.sh', 'x'],
      ]),
  ],
  'a bad file among 100 good ones': [
    'failed',
    () =>
      artifact([
        ...Array.from({ length: 100 }, (_, index) => [`${index}.bicep`, String(index)] as [string, string]),
        ['run.sh', 'x'],
      ]),
  ],
};

/** What looks as odd and is honest: it must pass, or the tables above would prove nothing. */
export const honest: Record<string, () => BuiltImage> = {
  'an image': () => good,
  'an index in an index': () => indexOf([indexOf([good])]),
  'an artifact': () => artifact([['main.bicep', 'param a string\n']]),
  'a layer twice': () => image([goodLayer, goodLayer]),
};

function withLayer(layer: Layer): BuiltImage {
  return image([layer], configOf([goodLayer]));
}

function raw(text: string) {
  return describeBytes(Buffer.from(text), mediaType.ociConfig);
}

/** The config of the good image with something more in it. */
function configText(more: string): string {
  return configOf([goodLayer]).bytes.toString().replace(/\}$/, `,${more}}`);
}

/** Each is below the ratio that is borne, and together they are more than an image may unpack to. */
function halfBomb(number: number): Layer {
  const bytes = tar(file(`${number}.bicep`, Buffer.alloc(8 * 2 ** 20, ' ')));
  return layer(gzip(bytes), bytes);
}

function foreign() {
  const type = 'application/vnd.oci.image.layer.nondistributable.v1.tar';
  const elsewhere = said(goodLayer, { mediaType: type, urls: ['http://169.254.169.254/latest'] });
  return { ...withLayer(elsewhere), instead: { [goodLayer.descriptor.digest]: 'missing' as const } };
}

function hiddenImage(): BuiltImage {
  const hidden = plain(tar(file('run.sh')));
  const titled = said(hidden, { annotations: { 'org.opencontainers.image.title': 'main.bicep' } });
  return manifestOf(said(configOf([hidden]), { mediaType: 'application/vnd.other+json' }), [titled]);
}

/** A digest cannot name itself, so that a cycle needs a registry that serves the wrong bytes. */
function cycle(inner: BuiltImage = good) {
  const outer = indexOf([inner]);
  return { ...outer, instead: { [inner.root.digest]: outer.manifests.at(-1)!.bytes } };
}

function nest(inner: BuiltImage, depth: number): BuiltImage {
  return depth === 0 ? inner : nest(indexOf([inner]), depth - 1);
}
