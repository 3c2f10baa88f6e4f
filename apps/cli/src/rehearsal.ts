import { loadConfig } from '@pratique/config';
import { type HeardEvent, heardRegistryEvent, type RegistryEvent } from '@pratique/contracts';
import {
  type BaseSettings,
  exampleSettings,
  type HandshakeAnswer,
  type RawWebhook,
  RegistriesSection,
  Refusal,
  registries,
  type RegistryDefinition,
  rehearseWebhook,
} from '@pratique/registries';
import { z } from 'zod';
import { UsageError } from './usage-error.js';

/** What ingress would make of a delivery. */
export type Rehearsed =
  { events: RegistryEvent[] } | { handshake: HandshakeAnswer['answer'] } | { refused: string };

/** A kind with settings, or several where settings decide in which form it delivers. */
export interface Rehearsal {
  definition: RegistryDefinition;
  settings: BaseSettings;
}

export function kindOf(kind: string | undefined): RegistryDefinition {
  const definition = registries.find((each) => each.kind === kind);
  if (definition !== undefined) return definition;
  const kinds = registries.map((each) => each.kind).join(', ');
  throw new UsageError(
    kind === undefined
      ? `Say which kind of registry sent it: ${kinds}`
      : `There is no kind "${kind}"; there are ${kinds}`,
  );
}

/** A registry of the configuration, or the example of its kind. */
export function rehearsalOf(
  kind: string | undefined,
  from: { config?: string | undefined; registry?: string | undefined; host?: string | undefined },
): Rehearsal {
  const definition = kindOf(kind);
  if (from.registry === undefined) {
    return { definition, settings: exampleSettings(definition, { host: from.host }) };
  }
  const { registries: configured } = loadConfig(
    from.config ?? 'pratique.yaml',
    z.object({ registries: RegistriesSection }),
  );
  const settings = configured.find(({ name }) => name === from.registry);
  if (settings === undefined)
    throw new UsageError(
      `There is no registry "${from.registry}"; there are ${configured.map(({ name }) => name).join(', ')}`,
    );
  if (settings.kind !== kind)
    throw new UsageError(`The registry ${settings.name} is of the kind ${settings.kind}, not ${kind}`);
  return { definition, settings };
}

export function rehearse({ definition, settings }: Rehearsal, delivery: RawWebhook): Rehearsed {
  const heard = rehearseWebhook(definition, settings, delivery);
  if (heard instanceof Refusal) return { refused: heard.explanation };
  return Array.isArray(heard) ? { events: heard.map(eventOf) } : { handshake: heard.answer };
}

function eventOf(heard: HeardEvent): RegistryEvent {
  return heardRegistryEvent(heard);
}
