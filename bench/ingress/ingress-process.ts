import { Secret } from '@pratique/config';
import { RegistryHost, RegistryName } from '@pratique/contracts';
import { MessagingModule, messagingSettingsFor } from '@pratique/messaging';
import type { RegistriesSection } from '@pratique/registries';
import { HttpSettings, startService } from '@pratique/service';
import { IngressModule } from '../../apps/ingress/src/ingress.module.js';
import { ingressLogs } from '../../apps/ingress/src/ingress-logs.js';
import { JournalSettings } from '../../apps/ingress/src/journal/journal.settings.js';
import { secret } from './acr-push.js';
import { reportToParent } from './report-cpu.js';
import type { ServerTask } from './server-messages.js';

const { connectionString = '', journal } = JSON.parse(process.argv[2] ?? '{}') as ServerTask;

function registry(name: string, webhook: object): RegistriesSection[number] {
  return {
    name: RegistryName.parse(name),
    kind: 'acr',
    host: RegistryHost.parse(`${name}.azurecr.io`),
    webhook: { secret: new Secret(secret), ...webhook },
  };
}

const registries = [
  // What it can take is what is measured, so its allowance is out of the way.
  registry('vendor', { rateLimit: { perSecond: 100_000, burst: 1_000_000 }, repositories: ['team/*'] }),
  registry('quiet', {}),
  // As everybody has it, but for the burst: a storm is met from its first second on.
  registry('noisy', { rateLimit: { perSecond: 200, burst: 200 } }),
];
const http = HttpSettings.parse({ port: 0 });
const messaging = messagingSettingsFor(connectionString);
const service = await startService({
  name: 'ingress',
  modules: [
    MessagingModule.forRoot(messaging),
    IngressModule.register({
      registries,
      http,
      ...(journal !== undefined && {
        journal: JournalSettings.parse({ directory: journal, maxDeliveries: 10_000_000, maxBytes: 2 ** 34 }),
      }),
    }),
  ],
  http,
  logs: ingressLogs,
  signals: 'none',
});
reportToParent(Number(new URL(service.url).port), () => service.stop());
