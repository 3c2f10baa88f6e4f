import {
  configPath,
  ImagePattern,
  loadConfig,
  matcherOf,
  type ImagePattern as Pattern,
} from '@pratique/config';
import type { MessagingSettings } from '@pratique/messaging';
import { OciError } from '@pratique/oci';
import { RegistriesSection } from '@pratique/registries';
import { closeRegistries, connectRegistries, type RegistryConnection } from '@pratique/registry-access';
import { z } from 'zod';
import { brokerOptions, brokerSettings } from '../broker-settings.js';
import { Backfill, type Quarantined } from '../backfill-quarantine.js';
import { backlogAnswer } from '../backlog-answer.js';
import { UsageError } from '../usage-error.js';
import { defineVerb } from '../verb.js';

const RegistriesConfig = z.object({ registries: RegistriesSection });
const minuteMs = 60_000;
const defaultMinutes = 60;

export const quarantineBackfillVerb = defineVerb({
  name: 'quarantine backfill',
  summary: 'give every image of a registry a verdict, before its quarantine is switched on',
  description: `
An Azure registry whose quarantine is switched on keeps back every image that has not passed, those of years ago as well. This
has the running scan service look at all that have no verdict yet, waits, and says how they ended. Switch the quarantine on
when all of them have passed, or when those that have not are not missed.

The registry needs quarantine: true in pratique.yaml, so that scan puts its verdicts there; in Azure it can still be off. What
has a verdict is left as it is, so the command may be stopped and started again.`,
  options: {
    registry: { type: 'string', value: 'NAME', help: 'the registry, as pratique.yaml names it' },
    repository: {
      type: 'string',
      multiple: true,
      value: 'GLOB',
      help: 'only these repositories, such as team-*/**; may be repeated',
    },
    'dry-run': { type: 'boolean', help: 'only say how many images have no verdict' },
    timeout: {
      type: 'string',
      value: 'MINUTES',
      default: String(defaultMinutes),
      help: `how long to wait for the verdicts; default ${defaultMinutes}`,
    },
    ...brokerOptions,
  },
  examples: [
    'pratique quarantine backfill --registry customer --dry-run',
    'pratique quarantine backfill --registry customer --timeout 600',
    'pratique quarantine backfill --registry customer --repository "team-*/**" --json | jq .failed',
  ],
  exitCodes: {
    0: 'every image has passed',
    1: 'some have not, or have no verdict yet, or the registry or the broker cannot be used',
  },
  run: async (values, console) => {
    const { registry: name, repository = [], 'dry-run': dryRun = false, timeout, config, state } = values;
    const patience = minutes(timeout) * minuteMs;
    const connections = connectRegistries(
      loadConfig(config ?? configPath(), RegistriesConfig).registries.filter((each) => each.name === name),
    );
    try {
      const connection = registryWith(connections.get(name as never), name);
      const broker = (): MessagingSettings =>
        brokerSettings({ state, ...(config !== undefined && { config }) });
      const patterns = repository.map(pattern);
      const applies = patterns.length === 0 ? () => true : matcherOf(patterns);
      const backfill = new Backfill({ connection, applies, console });
      return backlogAnswer(await backfill.run({ dryRun, broker, patience }), { name: name ?? '', dryRun });
    } catch (error) {
      if (!(error instanceof OciError)) throw error;
      return { exitCode: 1, document: { error: error.message }, lines: [error.message] };
    } finally {
      await closeRegistries(connections);
    }
  },
});

function registryWith(connection: RegistryConnection | undefined, name: string | undefined): Quarantined {
  if (name === undefined)
    throw new UsageError('Say which registry: --registry NAME, as pratique.yaml names it');
  if (connection === undefined) throw new UsageError(`There is no registry "${name}" in the configuration`);
  const { quarantine } = connection;
  if (quarantine !== undefined) return { ...connection, quarantine };
  throw new UsageError(
    `The registry ${name} has no quarantine: true, so scan would put its verdicts nowhere`,
  );
}

function pattern(text: string): Pattern {
  const read = ImagePattern.safeParse(text);
  if (read.success) return read.data;
  throw new UsageError(`--repository ${text} ${read.error.issues[0]?.message ?? 'is no glob'}`);
}

function minutes(text: string): number {
  if (!/^[1-9][0-9]{0,4}$/.test(text))
    throw new UsageError(`--timeout ${text} is no number of minutes from 1`);
  return Number(text);
}
