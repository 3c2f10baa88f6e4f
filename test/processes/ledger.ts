import { request } from 'undici';
import { z } from 'zod';
import { until } from './until.js';

const Entry = z.object({
  id: z.string(),
  kind: z.enum(['event', 'outcome']),
  type: z.string(),
  registry: z.string().nullable(),
  repository: z.string().nullable(),
  digest: z.string().nullable(),
  reason: z.string().nullable(),
  message: z.string().nullable(),
});
export type Entry = z.infer<typeof Entry>;

/** What audit has recorded, read as anybody reads it. */
export class Ledger {
  constructor(private readonly url: string) {}

  async entries(query: Record<string, string> = {}): Promise<Entry[]> {
    const search = new URLSearchParams({ limit: '500', ...query });
    const { statusCode, body } = await request(`${this.url}/api/v1/entries?${search.toString()}`);
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`The ledger answered ${statusCode}: ${text}`);
    return z.object({ entries: z.array(Entry) }).parse(JSON.parse(text)).entries;
  }

  /** The first refused webhook with a reason, as soon as it is there. */
  async refusal(reason: string): Promise<Entry> {
    const look = async (): Promise<Entry | undefined> => {
      const refusals = await this.entries({ type: 'io.pratique.webhook.refused.v1' });
      return refusals.find((entry) => entry.reason === reason);
    };
    return until(look, { what: `a refused webhook with the reason ${reason} in the ledger` });
  }

  /**
   * The types of all entries about some bytes, sorted, each as often as it is there, once those that are expected are
   * there: events and outcomes come to audit by two ways, and neither waits for the other.
   */
  async typesOnce(digest: string, expected: readonly string[]): Promise<string[]> {
    const look = async (): Promise<string[] | undefined> => {
      const types = (await this.entries({ digest })).map(({ type }) => type);
      return expected.every((type) => types.includes(type)) ? types.toSorted() : undefined;
    };
    return until(look, { what: `${expected.join(', ')} of ${digest} in the ledger` });
  }

  /** The first entry of a type about some bytes, as soon as it is there. */
  async entry(type: string, digest: string): Promise<Entry> {
    return until(async () => (await this.entries({ type, digest }))[0], {
      what: `${type} of ${digest} in the ledger`,
    });
  }
}
