import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Module } from '@nestjs/common';
import { Ctx, EventPattern } from '@nestjs/microservices';
import { registryEventType, subscriptions } from '@pratique/contracts';
import {
  connectSubscriptions,
  type Delivery,
  MessagingModule,
  messagingSettingsFor,
  subscriptionTransport,
} from '@pratique/messaging';
import { HttpSettings, runService, startService } from '@pratique/service';

// A service whose handler takes ten minutes. Told to stop, an `attentive` one stops to work, and a `stubborn` one does not.
const [, , connectionString = '', nature = 'attentive', shutdownDeadlineMs = '20000'] = process.argv;
const tenMinutes = 10 * 60 * 1000;
const settings = messagingSettingsFor(connectionString, { shutdownDeadlineMs: Number(shutdownDeadlineMs) });
const types = subscriptions.scan.map((name) => registryEventType[name]);

@Controller()
class TenMinuteConsumer {
  @EventPattern<string[]>(types, subscriptionTransport('scan'))
  async onEvent(@Ctx() delivery: Delivery): Promise<void> {
    process.stdout.write('at work\n');
    await pause(tenMinutes, undefined, nature === 'attentive' ? { signal: delivery.signal } : {});
  }
}

@Module({ controllers: [TenMinuteConsumer] })
class TenMinuteModule {}

await runService(() =>
  startService({
    name: 'ten-minutes',
    modules: [MessagingModule.forRoot(settings), TenMinuteModule],
    http: HttpSettings.parse({ port: 0 }),
    connect: (app) => connectSubscriptions(app, ['scan']),
  }),
);
