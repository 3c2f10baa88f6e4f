import type { Digest } from '@pratique/contracts';
import { pratiqueVersion } from '../attestation/pratique-version.js';
import {
  type Distribution,
  type InstalledPackage,
  osReleasePath,
  packageDatabases,
  readOsRelease,
} from './package-database.js';

export const cycloneDxType = 'https://cyclonedx.org/bom';

export interface SbomInput {
  /** Host and repository. */
  name: string;
  digest: Digest;
  /** The files that say what is installed, by path. */
  files: ReadonlyMap<string, string>;
  /** Such files that were not read. */
  leftOut: readonly string[];
  at: Date;
}

/** One CycloneDX 1.6 document: https://cyclonedx.org/docs/1.6/json/ */
export interface Sbom {
  bomFormat: 'CycloneDX';
  specVersion: '1.6';
  version: 1;
  metadata: object;
  components: object[];
  compositions: object[];
}

/**
 * What the package managers of an image say that they have installed. It does not look for anything that came another way
 * (a language's packages, a binary that was copied in), and says so in its metadata: the composition is `incomplete`.
 */
export function buildSbom({ name, digest, files, leftOut, at }: SbomInput): Sbom {
  const distribution = [...files].flatMap(([path, text]) =>
    osReleasePath.test(path) ? (readOsRelease(text) ?? []) : [],
  )[0];
  const packages = [...files].flatMap(([path, text]) =>
    packageDatabases.flatMap(({ matches, read }) => (matches.test(path) ? read(text) : [])),
  );
  const components = new Map(packages.map((each) => [purlOf(each, distribution), each]));
  const image = `${name}@${digest}`;
  const covers = packageDatabases.map(({ format }) => format).join(', ');
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: at.toISOString(),
      tools: { components: [{ type: 'application', name: 'pratique', version: pratiqueVersion }] },
      component: { type: 'container', 'bom-ref': image, name, version: digest },
      properties: [
        { name: 'pratique:covers', value: covers },
        { name: 'pratique:does-not-cover', value: 'rpm; packages of languages; files without a package' },
        ...(distribution === undefined
          ? []
          : [
              {
                name: 'pratique:distribution',
                value: [distribution.id, distribution.version ?? ''].join(' ').trim(),
              },
            ]),
        ...leftOut.slice(0, 100).map((path) => ({ name: 'pratique:not-read', value: path })),
      ],
    },
    components: [...components].map(([purl, { name: component, version, licence }]) => ({
      ...{ type: 'library', 'bom-ref': purl, name: component, version, purl },
      ...(licence !== undefined && { licenses: [{ license: { name: licence } }] }),
    })),
    compositions: [{ aggregate: 'incomplete', assemblies: [image] }],
  };
}

/** https://github.com/package-url/purl-spec/blob/main/PURL-SPECIFICATION.rst */
export function purlOf(
  { type, name, version, architecture }: InstalledPackage,
  distribution: Distribution | undefined,
): string {
  const vendor = distribution?.id ?? (type === 'deb' ? 'debian' : 'alpine');
  const qualifiers = [
    ...(architecture === undefined ? [] : [`arch=${encode(architecture)}`]),
    ...(distribution?.version === undefined
      ? []
      : [`distro=${encode(`${distribution.id}-${distribution.version}`)}`]),
  ].join('&');
  const purl = `pkg:${type}/${encode(vendor.toLowerCase())}/${encode(name.toLowerCase())}@${encode(version)}`;
  return qualifiers === '' ? purl : `${purl}?${qualifiers}`;
}

// The specification leaves the colon as it is, which Debian's epochs have.
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':');
}
