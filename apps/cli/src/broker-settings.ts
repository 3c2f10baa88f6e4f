import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { configPath, loadConfig, parseConfig } from '@pratique/config';
import { MessagingSettings } from '@pratique/messaging';
import { z } from 'zod';
import type { VerbOption } from './verb.js';

const BrokerConfig = z.object({ messaging: MessagingSettings });

/** The options of every verb that connects to the broker. */
export const brokerOptions = {
  config: {
    type: 'string',
    value: 'FILE',
    help: 'the pratique.yaml whose section messaging names the broker',
  },
  state: {
    type: 'string',
    value: 'FOLDER',
    default: '.pratique',
    help: 'the state folder of a running npm start, whose broker is used where the configuration names none',
  },
} as const satisfies Record<string, VerbOption>;

/**
 * The broker that the configuration names. Where there is no configuration, or none of a broker, it is that of a running
 * `npm start`, as it is for standalone itself.
 *
 * @throws ConfigError
 */
export function brokerSettings({ config, state }: { config?: string; state: string }): MessagingSettings {
  const file = resolve(join(state, 'secrets', 'broker-connection-string'));
  const local = { connectionString: { file } };
  const defaults = existsSync(file) ? { messaging: { serviceBus: local, eventHubs: local } } : undefined;
  const path = config ?? configPath();
  if (defaults === undefined) return loadConfig(path, BrokerConfig).messaging;
  return config === undefined && !existsSync(path)
    ? parseConfig({ file: path, text: '', defaults }, BrokerConfig).messaging
    : loadConfig(path, BrokerConfig, { defaults }).messaging;
}
