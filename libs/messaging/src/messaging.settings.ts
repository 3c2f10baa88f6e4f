import { AzureIdentity, Secret, SecretReference } from '@pratique/config';
import { type SubscriptionName, subscriptions } from '@pratique/contracts';
import { z } from 'zod';

export type BrokerEndpoint =
  | { connectionString: Secret }
  /** The namespace's host, `contoso.servicebus.windows.net`. */
  | { namespace: string; identity: AzureIdentity };

const NamespaceHost = z
  .string()
  .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i, 'is not a host such as contoso.servicebus.windows.net');

const BrokerEndpoint = z
  .strictObject({
    connectionString: SecretReference.optional(),
    namespace: NamespaceHost.optional(),
    identity: AzureIdentity.optional(),
  })
  .transform(({ connectionString, namespace, identity }, context): BrokerEndpoint => {
    if (connectionString !== undefined && namespace === undefined && identity === undefined) {
      return { connectionString };
    }
    if (connectionString === undefined && namespace !== undefined && identity !== undefined) {
      return { namespace, identity };
    }
    context.addIssue({
      code: 'custom',
      message: 'needs either a connectionString, or a namespace together with an identity',
    });
    return z.NEVER;
  });

const minute = 60 * 1000;

/** How often and how patiently a call to the broker is tried again before it counts as failed. */
const BrokerRetry = z.strictObject({
  maxRetries: z.int().min(0).max(20).default(3),
  // The SDK's own defaults, 30 s between tries and 60 s for each, let one restart of the broker stop a service for
  // half a minute (azure-sdk-for-js: Constants.defaultDelayBetweenOperationRetriesInMs).
  delayMs: z.int().min(1).max(minute).default(500),
  maxDelayMs: z
    .int()
    .min(1)
    .max(10 * minute)
    .default(15_000),
  timeoutMs: z.int().min(100).max(minute).default(10_000),
});

/** When a message that failed comes again, and when it is given up. */
const Redelivery = z.strictObject({
  maxAttempts: z.int().min(1).max(100).default(10),
  // Nine delays that double from 5 s add up to 21 minutes on average: longer than a rolling restart of a registry.
  baseDelayMs: z.int().min(1).max(minute).default(5_000),
  maxDelayMs: z
    .int()
    .min(1)
    .max(24 * 60 * minute)
    .default(30 * minute),
});

/** How soon a receiver that gets nothing any more is noticed: within `everyMs` and twice `timeoutMs`, or twice `everyMs`. */
const Watchdog = z.strictObject({
  everyMs: z.int().min(10).max(minute).default(15_000),
  timeoutMs: z.int().min(10).max(minute).default(10_000),
});

/** How much of a subscription one process takes on. */
const Share = z.strictObject({
  /** Messages that are worked on at the same time. */
  concurrency: z.int().min(1).max(1000).default(8),
  /**
   * Messages that are held beside those, so that the next one is there when a handler ends: worth it where a handler takes less
   * time than the way to the broker. Their locks are kept; no other worker gets them meanwhile.
   */
  prefetch: z.int().min(0).max(1000).default(0),
});
type Share = z.output<typeof Share>;

/** The `messaging` section of `pratique.yaml`. */
export const MessagingSettings = z.strictObject({
  serviceBus: BrokerEndpoint,
  eventHubs: BrokerEndpoint,
  retry: BrokerRetry.prefault({}),
  redelivery: Redelivery.prefault({}),
  watchdog: Watchdog.prefault({}),
  ...Share.shape,
  /** Where a subscription has another share than the others of its process: `{ sync: { concurrency: 2 } }`. */
  consumers: z
    .partialRecord(
      z.enum(Object.keys(subscriptions) as [SubscriptionName]),
      z.strictObject({
        concurrency: Share.shape.concurrency.unwrap().optional(),
        prefetch: Share.shape.prefetch.unwrap().optional(),
      }),
    )
    .default({}),
  /** Milliseconds that handlers get to finish after the service was told to stop. */
  shutdownDeadlineMs: z
    .int()
    .min(0)
    .max(10 * minute)
    .default(20_000),
});
export type MessagingSettings = z.infer<typeof MessagingSettings>;

/** The share of a process in one subscription. */
export function shareOf(
  { concurrency, prefetch, consumers }: MessagingSettings,
  subscription: SubscriptionName,
): Share {
  const own = consumers[subscription];
  return { concurrency: own?.concurrency ?? concurrency, prefetch: own?.prefetch ?? prefetch };
}

/**
 * Settings for a broker that one connection string reaches as a whole, as it is with the local emulator.
 *
 * @param overrides as in `pratique.yaml`; what is left out has its default
 */
export function messagingSettingsFor(
  connectionString: string,
  overrides: Omit<z.input<typeof MessagingSettings>, 'serviceBus' | 'eventHubs'> = {},
): MessagingSettings {
  const endpoint = { connectionString: new Secret(connectionString) };
  const tuning = MessagingSettings.omit({ serviceBus: true, eventHubs: true }).parse(overrides);
  return { ...tuning, serviceBus: endpoint, eventHubs: endpoint };
}
