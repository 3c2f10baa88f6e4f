/** What people must know about a kind of registry. Sentences of Markdown, without a full stop at the end of `title`. */
export interface RegistryManual {
  title: string;
  /** The vendor's pages from which all of it was taken. */
  documentation: readonly [string, ...string[]];
  /** How a delivery proves who sent it. */
  proof: string;
  /** Peculiarities that decide how deliveries are read and answered. */
  peculiarities: readonly string[];
  /** An entry of `registries` in `pratique.yaml`, complete and valid. */
  example: string;
  /** What to enter on the registry's side, in Markdown. */
  setUp(webhook: WebhookAddress): string;
}

/** Where a registry must send its webhook. */
export interface WebhookAddress {
  /** `https://…/webhooks/<name>`; for senders whose only proof is the address, the token is still to be appended. */
  address: string;
  /** The host of the registry, where that is known. */
  host?: string | undefined;
}
