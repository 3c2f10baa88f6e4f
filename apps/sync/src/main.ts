import { configPath, loadConfig } from '@pratique/config';
import { connectSubscriptions, MessagingModule } from '@pratique/messaging';
import { runService, startService } from '@pratique/service';
import { SyncModule } from './sync.module.js';
import { SyncConfig } from './sync.settings.js';

await runService(() => {
  const config = loadConfig(configPath(), SyncConfig);
  return startService({
    name: 'sync',
    modules: [MessagingModule.forRoot(config.messaging), SyncModule.register(config)],
    http: config.http,
    telemetry: config.telemetry,
    connect: (app) => connectSubscriptions(app, ['sync']),
  });
});
