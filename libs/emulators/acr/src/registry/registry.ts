import type { AccessControl } from '../auth/access-control.js';
import type { Uploads } from '../distribution/uploads.js';
import type { ContentStore } from '../storage/content-store.js';
import type { Webhooks } from '../webhooks/webhooks.js';
import type { Repositories } from './repositories.js';

/** The parts of one emulated registry, as its request handlers see them. */
export interface Registry {
  readonly name: string;
  /** Host under which the registry is known: what webhooks and Resource Manager tell others. */
  readonly loginServer: string;
  readonly quarantine: boolean;
  readonly maxBlobBytes: number;
  readonly access: AccessControl;
  readonly content: ContentStore;
  readonly repositories: Repositories;
  readonly uploads: Uploads;
  readonly webhooks: Webhooks;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The registry's time for records and answers. */
export function timestamp(registry: Registry): string {
  return new Date(registry.now()).toISOString();
}
