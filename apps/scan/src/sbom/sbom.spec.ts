import { digestOf } from '@pratique/contracts';
import type { FileSink, TarVisitor } from '../layers/tar-reader.js';
import { buildSbom, purlOf, type Sbom } from './build-sbom.js';
import { PackageFiles } from './collect-package-files.js';
import { readApkInstalled, readDpkgStatus, readOsRelease } from './package-database.js';

const dpkg = `Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9+deb12u8
Description: GNU C Library
 Package: not-a-field

Package: old
Status: deinstall ok config-files
Version: 1

Package: tzdata
Status: hold ok installed
Architecture: all
Version: 1:2025b-0
`;

const apk = `C:Q1abc=
P:musl
V:1.2.5-r9
A:x86_64
L:MIT
F:lib
R:libc.so

P:busybox
V:1.37.0-r12
A:x86_64
L:GPL-2.0-only
`;

describe('scan/sbom', () => {
  it('reads what dpkg has installed, and not what it has removed', () => {
    expect(readDpkgStatus(dpkg)).toEqual([
      { type: 'deb', name: 'libc6', version: '2.36-9+deb12u8', architecture: 'amd64' },
      { type: 'deb', name: 'tzdata', version: '1:2025b-0', architecture: 'all' },
    ]);
  });

  it('reads what apk has installed', () => {
    expect(readApkInstalled(apk)).toMatchObject([
      { type: 'apk', name: 'musl', version: '1.2.5-r9', licence: 'MIT' },
      { name: 'busybox' },
    ]);
  });

  it('finds nothing in what is no package database', () => {
    expect(readDpkgStatus('\0\0\0')).toEqual([]);
    expect(readApkInstalled('')).toEqual([]);
    expect(readOsRelease('NAME=x')).toBeUndefined();
  });

  it('names a package as others do', () => {
    const [libc, tzdata] = readDpkgStatus(dpkg);
    const debian = readOsRelease('PRETTY_NAME="Debian"\nID=debian\nVERSION_ID="12"\n');

    expect(purlOf(libc!, debian)).toBe('pkg:deb/debian/libc6@2.36-9%2Bdeb12u8?arch=amd64&distro=debian-12');
    expect(purlOf(tzdata!, undefined)).toBe('pkg:deb/debian/tzdata@1:2025b-0?arch=all');
  });

  function write(layer: TarVisitor, path: string, text: string): void {
    const bytes = Buffer.from(text);
    const sink: FileSink | undefined = layer.entry({ path, size: bytes.length, kind: 'file' });
    sink?.write(bytes);
    sink?.end();
  }

  function sbomOf(files: PackageFiles): Sbom {
    const { contents, leftOut } = files;
    const at = new Date('2026-11-25T00:00:00Z');
    return buildSbom({
      name: 'contoso.azurecr.io/app',
      digest: digestOf('image'),
      files: contents,
      leftOut,
      at,
    });
  }

  it('lists what is there in the end, layer upon layer', () => {
    const files = new PackageFiles();
    const first = files.nextLayer();
    write(first, 'var/lib/dpkg/status', dpkg);
    write(first, 'var/lib/dpkg/status.d/base', 'Package: base\nVersion: 1\n');
    write(first, 'usr/lib/os-release', 'ID=debian\nVERSION_ID="12"\n');
    const second = files.nextLayer();
    write(second, 'var/lib/dpkg/status.d/.wh.base', '');
    write(
      second,
      'var/lib/dpkg/status',
      `${dpkg}\nPackage: curl\nStatus: install ok installed\nVersion: 8\n`,
    );

    const sbom = sbomOf(files);

    expect(sbom.components.map((component) => (component as { name: string }).name)).toEqual([
      ...['libc6', 'tzdata', 'curl'],
    ]);
    expect(sbom).toMatchObject({
      bomFormat: 'CycloneDX',
      compositions: [{ aggregate: 'incomplete' }],
      metadata: { properties: expect.arrayContaining([{ name: 'pratique:covers', value: 'dpkg, apk' }]) },
    });
  });

  it('forgets what an opaque folder hides, and keeps what comes with it', () => {
    const files = new PackageFiles();
    write(files.nextLayer(), 'lib/apk/db/installed', apk);
    const second = files.nextLayer();
    write(second, 'lib/apk/db/installed', 'P:new\nV:1\n');
    write(second, 'lib/.wh..wh..opq', '');
    expect(sbomOf(files).components).toMatchObject([{ name: 'new' }]);

    const third = files.nextLayer();
    write(third, 'lib/.wh..wh..opq', '');
    write(third, 'lib/apk/db/installed', 'P:newer\nV:1\n');
    expect(sbomOf(files).components).toMatchObject([{ name: 'newer' }]);
  });

  it('says what it did not read', () => {
    const files = new PackageFiles();
    files.nextLayer().entry({ path: 'var/lib/dpkg/status', size: 0, kind: 'link' });
    files.nextLayer().entry({ path: 'lib/apk/db/installed', size: 2 ** 30, kind: 'file' });

    expect(sbomOf(files)).toMatchObject({
      components: [],
      metadata: {
        properties: expect.arrayContaining([
          { name: 'pratique:not-read', value: 'var/lib/dpkg/status' },
          { name: 'pratique:not-read', value: 'lib/apk/db/installed' },
        ]),
      },
    });
  });
});
