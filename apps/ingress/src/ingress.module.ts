import { type DynamicModule, Module } from '@nestjs/common';
import { OutcomePublisher, RegistryEventPublisher } from '@pratique/messaging';
import { type TrustSources, trustSources } from '@pratique/registries';
import { Registry } from 'prom-client';
import { HandOver } from './hand-over.js';
import { IngressMetrics } from './ingress-metrics.js';
import type { IngressConfig } from './ingress.settings.js';
import { Journal } from './journal/journal.js';
import { ReceiveWebhook } from './receive-webhook.js';
import { ReportRefusal } from './report-refusal.js';
import { TrustedProxies } from './trusted-proxies.js';
import { WebhookController } from './webhook.controller.js';

export interface IngressOptions extends Pick<IngressConfig, 'registries'> {
  /** Without it, deliveries are answered 503 while the broker is away. */
  journal?: IngressConfig['journal'];
  http: Pick<IngressConfig['http'], 'trustedProxies'>;
  /** Where certificates and keys come from; without it, from the internet. */
  sources?: TrustSources;
}

/** Wires ingress together. The publishers come from the application's `MessagingModule`. */
@Module({})
export class IngressModule {
  static register({ registries, http, journal, sources = trustSources() }: IngressOptions): DynamicModule {
    return {
      module: IngressModule,
      controllers: [WebhookController],
      providers: [
        { provide: TrustedProxies, useValue: new TrustedProxies(http.trustedProxies) },
        {
          provide: IngressMetrics,
          useFactory: (registry?: Registry) => new IngressMetrics(registry),
          inject: [{ token: Registry, optional: true }],
        },
        {
          provide: ReportRefusal,
          useFactory: (outcomes: OutcomePublisher) => new ReportRefusal(outcomes),
          inject: [OutcomePublisher],
        },
        {
          provide: HandOver,
          useFactory: async (publisher: RegistryEventPublisher, metrics: IngressMetrics) => {
            const opened = journal && (await Journal.open(journal));
            if (opened !== undefined) metrics.watch(opened);
            return new HandOver(publisher, opened);
          },
          inject: [RegistryEventPublisher, IngressMetrics],
        },
        {
          provide: ReceiveWebhook,
          useFactory: (handOver: HandOver, refusals: ReportRefusal) =>
            new ReceiveWebhook({ registries, handOver, refusals, sources }),
          inject: [HandOver, ReportRefusal],
        },
      ],
    };
  }
}
