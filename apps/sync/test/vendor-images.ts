import type { RegistryEvent } from '@pratique/contracts';
import type { BuiltImage } from '@pratique/oci';
import { anImagePushed, type ImageDataInput } from '@pratique/testing';
import type { z } from 'zod';
import type { SyncRule } from '../src/sync-rule.js';

/** The repository that the vendor pushes to. */
export const web = 'tripinsights/web';

export const toCustomer: z.input<typeof SyncRule> = {
  name: 'vendor-images',
  from: 'vendor',
  to: 'customer',
  repositories: ['tripinsights/*'],
  when: 'pushed',
};

export const toArchive: z.input<typeof SyncRule> = { ...toCustomer, name: 'archived', to: 'archive' };

/** What a subscription has when all is done. */
export const nothing = { active: 0, locked: 0, scheduled: 0, deadLettered: 0 };

export function pushed(image: BuiltImage, data: ImageDataInput = {}): RegistryEvent {
  return anImagePushed({ repository: web, tag: '1.2', digest: image.root.digest, ...data });
}
