import type { LedgerEntry } from './progress-line.js';
import {
  isPullable,
  pushSample,
  type RegistryLogin,
  type SampleImage,
  sampleImages,
} from './sample-images.js';
import type { SampleWorld } from './sample-world.js';

/** What is waited for: that the image was copied, and the last word about an image in a registry with quarantine. */
function partOfTheWay(type: string): 'copy' | 'verdict' | undefined {
  if (/^io\.pratique\.sync\./.test(type)) return 'copy';
  return /^io\.pratique\.quarantine\./.test(type) ? 'verdict' : undefined;
}

/** The sample images on their way: pushed to the vendor, and watched in the ledger until each has been copied and judged. */
export class Demonstration {
  readonly #samples = sampleImages(new Date());
  readonly #waiting = new Set(
    this.#samples.flatMap(({ image: { root } }) => [`copy ${root.digest}`, `verdict ${root.digest}`]),
  );
  readonly #decided = Promise.withResolvers<void>();

  constructor(private readonly world: SampleWorld) {}

  async pushSamples(): Promise<void> {
    const login = this.#login('vendor', 'vendor-build', 'vendor-push-password');
    await Promise.all(this.#samples.map((sample) => pushSample(sample, login)));
  }

  /** To be told of every new entry of the ledger. */
  see(entry: Pick<LedgerEntry, 'type' | 'digest'>): void {
    this.#waiting.delete(`${partOfTheWay(entry.type)} ${entry.digest}`);
    if (this.#waiting.size === 0) this.#decided.resolve();
  }

  /** When both are decided: whether an ordinary client of the customer can pull them, in sentences. */
  async conclusion(): Promise<string[]> {
    await this.#decided.promise;
    const login = this.#login('customer', 'reader', 'customer-reader-password');
    return Promise.all(
      this.#samples.map(async (sample) => conclude(sample, login.host, await isPullable(sample, login))),
    );
  }

  #login(
    registry: 'vendor' | 'customer',
    username: string,
    secret: keyof SampleWorld['secrets'],
  ): RegistryLogin {
    return { host: this.world[registry].host, username, password: this.world.secrets[secret] };
  }
}

function conclude({ repository, tag, passes }: SampleImage, host: string, pullable: boolean): string {
  const image = `${host}/${repository}:${tag}`;
  if (pullable !== passes) return `${image} is not as it should be: see the lines above.`;
  return pullable
    ? `${image} passed, and anybody with access to the customer's registry can pull it.`
    : `${image} did not pass: it stays in quarantine, and an ordinary client cannot pull it.`;
}
