import type { Digest } from '@pratique/contracts';
import { type CopySide, onSide, type RegistryClient } from '@pratique/oci';
import type { RegistryConnection } from '@pratique/registry-access';
import type { CopyWatch } from './running-copies.js';
import type { PlannedCopy, TaggedImage } from './planned-copy.js';

/** A planned copy on its way: between which connections, and which image. */
export interface Move {
  copy: PlannedCopy;
  source: RegistryConnection;
  target: RegistryConnection;
  /** What the source's tag names. */
  digest: Digest;
  watch: CopyWatch;
  signal: AbortSignal;
}

/** Who asks at one side: at the source nobody needs the right to push. */
export function clientAt(side: CopySide, { client, reader }: RegistryConnection): RegistryClient {
  return side === 'source' ? reader : client;
}

/** What a tag or digest names now; undefined when there is nothing. */
export async function digestAt(
  connection: RegistryConnection,
  { repository, reference }: Pick<TaggedImage, 'repository'> & { reference: TaggedImage['tag'] | Digest },
  { side, signal }: { side: CopySide; signal: AbortSignal },
): Promise<Digest | undefined> {
  return (await onSide(side, () => clientAt(side, connection).resolve(repository, reference, { signal })))
    ?.digest;
}
