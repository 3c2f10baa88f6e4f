import { randomBytes } from 'node:crypto';

import type { RecordStore } from '../storage/record-store.js';

const recordKey = '_registry/signing-key';

/** The registry's key, kept with its images, so that tokens outlive a restart as they do with Azure. */
export async function signingKeyOf(
  store: RecordStore,
  records: ReadonlyMap<string, string>,
): Promise<string> {
  const known = records.get(recordKey);
  if (known !== undefined) return known;
  const key = randomBytes(32).toString('base64');
  await store.put(recordKey, key);
  return key;
}
