import { type DynamicModule, Module } from '@nestjs/common';
import { OutcomePublisher, RegistryEventPublisher } from '@pratique/messaging';
import type { IngressConfig } from './ingress.settings.js';
import { ReceiveWebhook } from './receive-webhook.js';
import { ReportRefusal } from './report-refusal.js';
import { WebhookController } from './webhook.controller.js';

/** Wires ingress together. The publishers come from the application's `MessagingModule`. */
@Module({})
export class IngressModule {
  static register({ registries }: Pick<IngressConfig, 'registries'>): DynamicModule {
    return {
      module: IngressModule,
      controllers: [WebhookController],
      providers: [
        {
          provide: ReportRefusal,
          useFactory: (outcomes: OutcomePublisher) => new ReportRefusal(outcomes),
          inject: [OutcomePublisher],
        },
        {
          provide: ReceiveWebhook,
          useFactory: (publisher: RegistryEventPublisher, refusals: ReportRefusal) =>
            new ReceiveWebhook({ registries, publisher, refusals }),
          inject: [RegistryEventPublisher, ReportRefusal],
        },
      ],
    };
  }
}
