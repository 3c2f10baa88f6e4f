import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { hearImages, type ToldImage } from './hear-image.js';
import type { Hearing } from './notified-image.js';
import { malformedBy, Refusal } from './refusal.js';
import { readWebhook } from './webhook-json.js';

const Event = z.object({
  id: z.string().min(1).max(255),
  source: z.string().max(255),
  'detail-type': z.string().max(255),
  account: z.string().max(32),
  region: z.string().max(32),
  time: z.unknown().optional(),
  detail: z.unknown().optional(),
});

const ImageAction = z.object({
  result: z.string().max(64),
  'action-type': z.string().max(64),
  'repository-name': z.unknown().optional(),
  'image-digest': z.unknown().optional(),
  'image-tag': z.unknown().optional(),
  'manifest-media-type': z.unknown().optional(),
  'artifact-media-type': z.unknown().optional(),
});

const heardAs: ReadonlyMap<string, HeardEvent['name']> = new Map([
  ['PUSH', 'pushed'],
  ['DELETE', 'deleted'],
] as const);

/**
 * What an event of Amazon EventBridge tells of an image in ECR.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
 */
export function hearEventBridgeEvent(
  body: Buffer,
  { host, hearing }: { host: string; hearing: Hearing },
): HeardEvent[] | Refusal {
  const read = readWebhook(body, Event);
  if (read instanceof Refusal) return read;
  const { id, time: at, source, 'detail-type': type, account, region, detail } = read.value;
  if (source !== 'aws.ecr' || type !== 'ECR Image Action' || !isOf(host, account, region)) return [];
  const action = ImageAction.safeParse(detail);
  if (!action.success) return malformedBy(action.error);
  const image = imageIn(action.data);
  return image === undefined ? [] : hearImages([{ ...image, at, id }], hearing);
}

function imageIn(action: z.output<typeof ImageAction>): ToldImage | undefined {
  const name = heardAs.get(action['action-type']);
  if (action.result !== 'SUCCESS' || name === undefined) return undefined;
  return {
    name,
    repository: action['repository-name'],
    digest: action['image-digest'],
    tag: action['image-tag'],
    mediaType: action['manifest-media-type'],
    artifactType: action['artifact-media-type'],
  };
}

/** A host of another form (a custom name, an endpoint of a private network) does not say whose registry it is. */
function isOf(host: string, account: string, region: string): boolean {
  const [, ofAccount, ofRegion] = /^(\d{12})\.dkr[.-]ecr\.([a-z0-9-]+)\./.exec(host) ?? [];
  return ofAccount === undefined || (ofAccount === account && ofRegion === region);
}
