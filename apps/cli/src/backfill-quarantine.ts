import { setTimeout as delay } from 'node:timers/promises';
import { MessagingClients, type MessagingSettings, RegistryEventPublisher } from '@pratique/messaging';
import type { RegistryConnection } from '@pratique/registry-access';
import type { Console } from './console.js';
import { backlogEvent, type BacklogImage, keyOf, listBacklog } from './quarantine-backlog.js';

// Between two looks at the registry, which cannot tell when a verdict comes.
const pollMs = 2_000;

/** A registry to which scan's verdicts can be put. */
export type Quarantined = RegistryConnection & Required<Pick<RegistryConnection, 'quarantine'>>;

interface BackfillOptions {
  connection: Quarantined;
  applies: (repository: string) => boolean;
  console: Console;
}

/** Has scan look at every image that has no verdict, and waits for it. */
export class Backfill {
  constructor(private readonly options: BackfillOptions) {}

  /** All images with the verdicts that they have in the end. */
  async run({
    dryRun,
    broker,
    patience,
  }: {
    dryRun: boolean;
    broker: () => MessagingSettings;
    patience: number;
  }): Promise<BacklogImage[]> {
    const before = await this.list('manifests looked at');
    if (dryRun || pendingOf(before).length === 0) return before;
    const clients = new MessagingClients(broker());
    const deadline = performance.now() + patience;
    try {
      const publisher = new RegistryEventPublisher(clients);
      const at = new Date();
      // Indexes and images that are pulled by tag first: with them, most of what has no tag gets its verdict.
      const tagged = await this.wave(before, {
        publisher,
        at,
        deadline,
        which: ({ tag }) => tag !== undefined,
      });
      return await this.wave(tagged, { publisher, at, deadline, which: () => true });
    } finally {
      await clients.close();
    }
  }

  /** Asks for the verdicts of some images, and waits until they have one. */
  private async wave(
    images: BacklogImage[],
    {
      publisher,
      at,
      deadline,
      which,
    }: {
      publisher: RegistryEventPublisher;
      at: Date;
      deadline: number;
      which: (image: BacklogImage) => boolean;
    },
  ): Promise<BacklogImage[]> {
    const asked = pendingOf(images).filter(which);
    if (asked.length === 0) return images;
    const { settings } = this.options.connection;
    const run = at.toISOString();
    for (const image of asked) {
      await publisher.publish(backlogEvent(settings.name, image, { run, at }), { only: 'scan' });
    }
    const progress = this.options.console.progress('images with a verdict', asked.length);
    const keys = new Set(asked.map(keyOf));
    try {
      for (;;) {
        const now = await this.list();
        const open = pendingOf(now).filter((image) => keys.has(keyOf(image)));
        progress.at(asked.length - open.length);
        if (open.length === 0 || performance.now() + pollMs > deadline) return now;
        await delay(pollMs);
      }
    } finally {
      progress.end();
    }
  }

  private async list(label?: string): Promise<BacklogImage[]> {
    const { connection, applies, console } = this.options;
    const { client, quarantine } = connection;
    const progress = label === undefined ? undefined : console.progress(label);
    try {
      return await listBacklog({
        ...{ client, quarantine, applies },
        onProgress: (seen) => progress?.at(seen),
      });
    } finally {
      progress?.end();
    }
  }
}

function pendingOf(images: readonly BacklogImage[]): BacklogImage[] {
  return images.filter(({ verdict }) => verdict === 'pending');
}
