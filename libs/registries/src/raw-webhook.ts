import type { IncomingHttpHeaders } from 'node:http';

/** A delivery as it came over the wire. Nothing of it is believed yet. */
export interface RawWebhook {
  /** Names in lower case, as `node:http` gives them. */
  headers: IncomingHttpHeaders;
  /** The very bytes that were sent: signatures are computed over them. */
  body: Buffer;
  receivedAt: Date;
  /** What followed the registry's name in the address: the secret of senders that can send nothing else. */
  pathToken?: string | undefined;
}
