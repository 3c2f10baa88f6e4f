import { shown } from '../layers/entry-path.js';
import { pathMatcher } from '../path-matcher.js';
import type { Finding, ImageUnderScan } from './check.js';
import type { ImageConfigSettings } from './image-config.settings.js';

type Rule = (settings: ImageConfigSettings, image: ImageUnderScan, now: Date) => Finding[];

/** Everything in which an image is not as the settings want it. */
export function judgeImageConfig(settings: ImageConfigSettings, image: ImageUnderScan, now: Date): Finding[] {
  return rules.flatMap((rule) => rule(settings, image, now));
}

const rules: readonly Rule[] = [judgeUser, judgePorts, judgeLabels, judgeAge, judgeSize, judgeBase];

function judgeUser({ user: wanted }: ImageConfigSettings, { config }: ImageUnderScan): Finding[] {
  if (wanted === undefined) return [];
  const [user = ''] = (config.config?.User ?? '').split(':');
  if (isRoot(user)) {
    const whom = user === '' ? 'names no user and so runs as root' : `runs as ${shown(user)}`;
    return [finding('runs-as-root', `The image ${whom}.`, 'Give it a user with an id above 0: USER 10001.')];
  }
  if (wanted === 'not-root' || /^\d+$/.test(user)) return [];
  const message = `The image runs as ${shown(user)}, and only a file in it says whether that is root.`;
  return [finding('user-not-numeric', message, 'Name the user by its id: USER 10001.')];
}

/** Runtimes read `+0` and `000` as 0 too; the last is the administrator of Windows containers. */
function isRoot(user: string): boolean {
  return (
    user === '' || /^[+-]?0+$/.test(user) || ['root', 'containeradministrator'].includes(user.toLowerCase())
  );
}

function judgePorts({ ports }: ImageConfigSettings, { config }: ImageUnderScan): Finding[] {
  if (ports === undefined) return [];
  return Object.keys(config.config?.ExposedPorts ?? {})
    .filter((port) => !ports.some((range) => isWithin(port, range)))
    .map((port) => {
      const message = `The image exposes the port ${shown(port)}, which is not allowed.`;
      return finding('port-not-allowed', message, 'Remove its EXPOSE, or add it to the ports of the policy.');
    });
}

/** Whether one exposed range, such as `80`, `80/tcp` or `8000-8010/udp`, lies within another. */
function isWithin(exposed: string, allowed: string): boolean {
  const [inner, outer] = [portRange(exposed), portRange(allowed)];
  if (inner === undefined || outer === undefined || inner.protocol !== outer.protocol) return false;
  return outer.first <= inner.first && inner.first <= inner.last && inner.last <= outer.last;
}

function portRange(text: string): { first: number; last: number; protocol: string } | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/([a-z]+))?$/i.exec(text);
  if (match === null) return undefined;
  const [, first, last = first, protocol = 'tcp'] = match;
  return { first: Number(first), last: Number(last), protocol: protocol.toLowerCase() };
}

function judgeLabels({ labels = {} }: ImageConfigSettings, { config }: ImageUnderScan): Finding[] {
  const own = new Map(Object.entries(config.config?.Labels ?? {}));
  return Object.entries(labels).flatMap(([name, glob]) => {
    const value = own.get(name);
    const mend = `Build it with a label ${name.slice(0, 100)} as the policy wants it.`;
    if (value === undefined || value === '') {
      return finding('label-missing', `The image has no label ${name}.`, mend);
    }
    if (pathMatcher([glob])(value)) return [];
    return finding('label-differs', `The label ${name} is ${shown(value)} and not ${shown(glob)}.`, mend);
  });
}

const day = 24 * 60 * 60 * 1000;

function judgeAge(
  { maxAgeDays }: ImageConfigSettings,
  { config: { created } }: ImageUnderScan,
  now: Date,
): Finding[] {
  if (maxAgeDays === undefined) return [];
  const mend = 'Build it anew, with the time of the build as its creation time.';
  const age = (now.getTime() - Date.parse(created ?? '')) / day;
  // A clock may be a little ahead. One that is further ahead would keep an image young for ever.
  if (Number.isNaN(age) || age < -1) {
    return [
      finding('age-unknown', 'The image does not say when it was built, or says a time to come.', mend),
    ];
  }
  if (age <= maxAgeDays) return [];
  return [
    finding('too-old', `The image was built ${Math.floor(age)} days ago; ${maxAgeDays} are allowed.`, mend),
  ];
}

function judgeSize({ maxBytes }: ImageConfigSettings, { size }: ImageUnderScan): Finding[] {
  if (maxBytes === undefined || size <= maxBytes) return [];
  const message = `The layers of the image have ${size} bytes; ${maxBytes} are allowed.`;
  return [
    finding('too-large', message, 'Leave out what only the build needs, or start from a smaller base.'),
  ];
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md#pre-defined-annotation-keys */
const baseAnnotations = {
  digest: 'org.opencontainers.image.base.digest',
  name: 'org.opencontainers.image.base.name',
};

function judgeBase({ baseDigests, baseNames }: ImageConfigSettings, image: ImageUnderScan): Finding[] {
  return [
    ...judgeBaseBy('digest', baseDigests?.includes.bind(baseDigests), image),
    ...judgeBaseBy('name', baseNames && pathMatcher(baseNames), image),
  ];
}

function judgeBaseBy(
  what: keyof typeof baseAnnotations,
  isAllowed: ((value: never) => boolean) | undefined,
  { manifest, config }: ImageUnderScan,
): Finding[] {
  if (isAllowed === undefined) return [];
  const key = baseAnnotations[what];
  const value = manifest.annotations?.[key] ?? config.config?.Labels?.[key];
  const mend = `Build it on a base that the policy allows, and annotate it with ${key}.`;
  if (value === undefined)
    return [finding('base-unknown', `The image does not name the ${what} of its base.`, mend)];
  if (isAllowed(value as never)) return [];
  return [finding('base-not-allowed', `The image is built on ${shown(value)}, which is not allowed.`, mend)];
}

function finding(id: string, message: string, mend: string): Finding {
  return { id, message, mend };
}
