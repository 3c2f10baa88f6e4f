import { configPath, loadConfig } from '@pratique/config';
import { RegistriesSection, registryOfKind, type RegistrySettings } from '@pratique/registries';
import { HttpSettings } from '@pratique/service';
import { z } from 'zod';
import { UsageError } from '../usage-error.js';
import { type Answer, defineVerb } from '../verb.js';

const Config = z.object({ registries: RegistriesSection, http: HttpSettings });

export const webhookUrlVerb = defineVerb({
  name: 'webhook-url',
  summary: 'print what to paste into a registry, so that it calls Pratique',
  description: `
Prints the address of a registry's webhook, and then how to set it up on the registry's side, with the vendor's own commands
where there are any. A secret is never printed: put it where it says <secret> or <token>.

The address begins with --base: where the registry reaches ingress from outside. Without it, with where ingress listens,
which is right on one machine only.`,
  words: ['REGISTRY'],
  options: {
    base: {
      type: 'string',
      value: 'URL',
      help: 'where ingress is reached from outside, such as https://pratique.example',
    },
    config: {
      type: 'string',
      value: 'FILE',
      help: 'the file; default: $PRATIQUE_CONFIG, else pratique.yaml',
    },
  },
  examples: [
    'pratique webhook-url vendor --base https://pratique.example',
    'pratique webhook-url vendor --json | jq -r .url',
  ],
  exitCodes: { 0: 'it was printed', 1: 'the registry has no webhook in the configuration' },
  run: ({ base, config = configPath() }, _console, [name]) => {
    const { registries, http } = loadConfig(config, Config);
    const registry = registries.find((each) => each.name === name);
    if (registry === undefined) throw noSuchRegistry(name, registries);
    return Promise.resolve(
      registry.webhook === undefined ? withoutWebhook(registry, config) : setUp(registry, baseOf(base, http)),
    );
  },
});

function noSuchRegistry(name: string | undefined, registries: RegistriesSection): UsageError {
  const names = registries.map((each) => each.name).join(', ') || 'none';
  return new UsageError(
    name === undefined
      ? `Say which registry; configured: ${names}`
      : `There is no registry "${name}"; configured: ${names}`,
  );
}

function baseOf(base: string | undefined, { host, port }: HttpSettings): string {
  const text = base ?? `http://${host}:${port}`;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new UsageError(`"${text}" is no address: write --base https://pratique.example`);
  return text.replace(/\/+$/, '');
}

function withoutWebhook({ name, kind }: RegistrySettings, file: string): Answer {
  const why = `${name} has no webhook in ${file}, and POST /webhooks/${name} answers 404: add one, as docs/registries/${kind}.md shows.`;
  return { exitCode: 1, document: { registry: name, kind, url: null }, lines: [why] };
}

function setUp({ name, kind, host }: RegistrySettings, base: string): Answer {
  const { manual, webhook } = registryOfKind(kind);
  const address = `${base}/webhooks/${name}`;
  const url = webhook.secretInAddress === true ? `${address}/<token>` : address;
  const instructions = manual.setUp({ address, host });
  const { proof, documentation } = manual;
  return {
    exitCode: 0,
    document: { registry: name, kind, url, proof, setUp: instructions, documentation },
    lines: [url, '', ...instructions.split('\n'), '', `See ${documentation.join(' ')}`],
  };
}
