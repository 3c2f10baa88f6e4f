/** A package that an image has, as its own package manager says. */
export interface InstalledPackage {
  /** Of the package URL: https://github.com/package-url/purl-spec/blob/main/PURL-TYPES.rst */
  type: 'deb' | 'apk';
  name: string;
  version: string;
  architecture?: string | undefined;
  /** As the package says it; not checked to be an SPDX expression. */
  licence?: string | undefined;
}

interface PackageDatabase {
  /** The name of its format, for the list of what an SBOM covers. */
  format: string;
  matches: RegExp;
  read(text: string): InstalledPackage[];
}

/** The package databases that are read. Each is one file format; another is one more line. */
export const packageDatabases: readonly PackageDatabase[] = [
  // The second is that of distroless images, which have one file a package.
  { format: 'dpkg', matches: /^var\/lib\/dpkg\/status(?:\.d\/[^/]+)?$/, read: readDpkgStatus },
  { format: 'apk', matches: /^(?:usr\/)?lib\/apk\/db\/installed$/, read: readApkInstalled },
];

/**
 * What `dpkg` has installed, from its status file. What was removed and left its settings behind is not listed.
 * https://man7.org/linux/man-pages/man5/deb-control.5.html
 */
export function readDpkgStatus(text: string): InstalledPackage[] {
  return text.split(/\r?\n\r?\n/).flatMap((stanza): InstalledPackage[] => {
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}:[ \\t]*(.+)$`, 'im').exec(stanza)?.[1]?.trim();
    const [name, version, status] = [field('Package'), field('Version'), field('Status')];
    if (name === undefined || version === undefined) return [];
    // Distroless images leave the field out.
    if (status !== undefined && !/\binstalled$/.test(status)) return [];
    return [{ type: 'deb', name, version, architecture: field('Architecture') }];
  });
}

/** What `apk` has installed: one letter a field. https://wiki.alpinelinux.org/wiki/Apk_spec */
export function readApkInstalled(text: string): InstalledPackage[] {
  return text.split(/\r?\n\r?\n/).flatMap((stanza): InstalledPackage[] => {
    const field = (letter: string): string | undefined =>
      new RegExp(`^${letter}:(.+)$`, 'm').exec(stanza)?.[1]?.trim();
    const [name, version] = [field('P'), field('V')];
    if (name === undefined || version === undefined) return [];
    return [{ type: 'apk', name, version, architecture: field('A'), licence: field('L') }];
  });
}

/** Which distribution an image is of: https://www.freedesktop.org/software/systemd/man/latest/os-release.html */
export interface Distribution {
  id: string;
  version?: string | undefined;
}

export const osReleasePath = /^(?:etc|usr\/lib)\/os-release$/;

export function readOsRelease(text: string): Distribution | undefined {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}=["']?([\\w.-]+)["']?$`, 'm').exec(text)?.[1];
  const id = field('ID');
  return id === undefined ? undefined : { id, version: field('VERSION_ID') };
}
