import { type DynamicModule, type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { OutcomePublisher, RegistryEventPublisher } from '@pratique/messaging';
import { type TrustSources, trustSources } from '@pratique/registries';
import { hidePathToken } from './hide-path-token.js';
import type { IngressConfig } from './ingress.settings.js';
import { ReceiveWebhook } from './receive-webhook.js';
import { ReportRefusal } from './report-refusal.js';
import { WebhookController } from './webhook.controller.js';

export interface IngressOptions extends Pick<IngressConfig, 'registries'> {
  /** Where certificates and keys come from; without it, from the internet. */
  sources?: TrustSources;
}

/** Wires ingress together. The publishers come from the application's `MessagingModule`. */
@Module({})
export class IngressModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(hidePathToken).forRoutes('webhooks/*path');
  }

  static register({ registries, sources = trustSources() }: IngressOptions): DynamicModule {
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
            new ReceiveWebhook({ registries, publisher, refusals, sources }),
          inject: [RegistryEventPublisher, ReportRefusal],
        },
      ],
    };
  }
}
