import { configPath, loadConfig } from '@pratique/config';
import { connectSubscriptions, MessagingModule } from '@pratique/messaging';
import { runService, startService } from '@pratique/service';
import { ScanModule } from './scan.module.js';
import { ScanConfig } from './scan.settings.js';

await runService(() => {
  const config = loadConfig(configPath(), ScanConfig);
  return startService({
    name: 'scan',
    modules: [MessagingModule.forRoot(config.messaging), ScanModule.register(config)],
    http: config.http,
    telemetry: config.telemetry,
    connect: (app) => connectSubscriptions(app, ['scan']),
  });
});
