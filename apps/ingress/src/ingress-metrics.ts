import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { WebhookAnswer } from './webhook-answer.js';

// From a refusal at the door to a sender that dribbles, or a broker that is waited for.
const answerSeconds = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What Prometheus can know of the door. Every label is a configured name or has a value from a closed list. */
export class IngressMetrics {
  readonly #answers: Counter<'registry' | 'reason' | 'status'>;
  readonly #seconds: Histogram<'registry'>;

  constructor(private readonly registry: Registry = new Registry()) {
    const registers = [registry];
    this.#answers = new Counter({
      name: 'pratique_webhooks_total',
      help: 'Deliveries by what became of them; an empty registry is one that is not configured',
      labelNames: ['registry', 'reason', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'pratique_webhook_seconds',
      help: 'Time from the headers of a delivery to its answer',
      labelNames: ['registry'],
      buckets: answerSeconds,
      registers,
    });
  }

  /** Shows how full the journal is, whenever somebody looks. */
  watch(journal: { deliveries: number; bytes: number }): void {
    const registers = [this.registry];
    new Gauge({
      name: 'pratique_journal_deliveries',
      help: 'Accepted deliveries that the broker has not taken yet',
      registers,
      collect() {
        this.set(journal.deliveries);
      },
    });
    new Gauge({
      name: 'pratique_journal_bytes',
      help: 'Space that the journal takes on disk',
      registers,
      collect() {
        this.set(journal.bytes);
      },
    });
  }

  /** @param registry a configured name, or nothing: names from outside would be labels without end */
  answered(registry: string | undefined, { reason, status }: WebhookAnswer, milliseconds: number): void {
    this.#answers.inc({ registry: registry ?? '', reason, status });
    if (registry !== undefined) this.#seconds.observe({ registry }, milliseconds / 1000);
  }
}
