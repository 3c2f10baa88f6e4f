import type { HeardEvent } from '@pratique/contracts';
import { parse } from 'yaml';
import { z } from 'zod';
import type { HandshakeAnswer } from './handshake-answer.js';
import type { RawWebhook } from './raw-webhook.js';
import type { Refusal } from './refusal.js';
import type { RegistryDefinition } from './registry.js';
import type { BaseSettings } from './registry-settings.js';
import { admit } from './verification/verified.js';

/**
 * What a kind would make of a delivery, with no look at who sent it: for a person who sets up a webhook and has a body in
 * hand. A service must never call this.
 */
export function rehearseWebhook(
  { webhook }: RegistryDefinition,
  settings: BaseSettings,
  delivery: RawWebhook,
): HeardEvent[] | HandshakeAnswer | Refusal {
  return webhook.normalise(admit(delivery), settings);
}

/**
 * Settings of a kind to rehearse with, where there are none of one's own: those of the example in its manual. A secret is
 * not in them.
 *
 * @param name of the registry; it becomes the source of the events
 */
export function exampleSettings(
  { kind, manual, settings }: RegistryDefinition,
  { name = kind, host }: { name?: string; host?: string | undefined } = {},
): BaseSettings {
  const [example] = z.tuple([z.looseObject({})]).parse(parse(manual.example));
  // Its secrets are names of variables that nobody has set.
  const { webhook: _webhook, ...rest } = example;
  return settings.parse({ ...rest, name, ...(host !== undefined && { host }) });
}
