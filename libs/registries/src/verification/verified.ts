import type { RawWebhook } from '../raw-webhook.js';

declare const admitted: unique symbol;

/** A delivery whose sender has proved who it is. Only this can be normalised: reading before verifying does not compile. */
export type Verified = RawWebhook & { readonly [admitted]: true };

/** Marks a delivery as verified. For the files of this folder, after they have compared; the library does not export it. */
export function admit(request: RawWebhook): Verified {
  return request as Verified;
}
