import { configPath, loadConfig } from '@pratique/config';
import { MessagingModule } from '@pratique/messaging';
import { runService, startService } from '@pratique/service';
import { IngressModule } from './ingress.module.js';
import { ingressLogs } from './ingress-logs.js';
import { IngressConfig } from './ingress.settings.js';

await runService(() => {
  const config = loadConfig(configPath(), IngressConfig);
  return startService({
    name: 'ingress',
    modules: [MessagingModule.forRoot(config.messaging), IngressModule.register(config)],
    http: config.http,
    telemetry: config.telemetry,
    logs: ingressLogs,
  });
});
