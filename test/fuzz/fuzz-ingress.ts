import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { HttpConnection } from '../../bench/ingress/http-connection.js';
import { SeededRandom } from '../faults/seeded-random.js';
import { type FuzzedRegistry, fuzzedRegistries } from './fuzzed-registries.js';
import { type FuzzedIngress, startFuzzedIngress } from './fuzzed-ingress.js';
import { type FuzzRequest, makeRequest } from './make-request.js';

export interface FuzzReport {
  requests: number;
  seconds: number;
  /** Answers by expectation and status, such as `refused 401`. */
  answers: Record<string, number>;
  /** What must not be: each with the beginning of the request in base64. */
  violations: string[];
  /** Registries of which nothing at all was accepted: the fuzzing does not reach what lies behind the proof. */
  neverAccepted: string[];
  slowestMs: number;
  published: number;
  /** Events that were published and are none by the contract. */
  unreadable: readonly string[];
  /** Megabytes after a fifth of the requests, and at the end. */
  residentMb: { early: number; late: number };
}

const slowMs = 100;
const mostViolations = 20;
// Enough of a request to see what it is.
const shownBytes = 400;

/** Sends so many requests to ingress, and reports what was not as it must be. The same seed makes the same requests. */
export async function fuzzIngress(requests: number, seed: number): Promise<FuzzReport> {
  const fuzzed = fuzzedRegistries();
  const ingress = await startFuzzedIngress(fuzzed);
  try {
    return await new Fuzzing(fuzzed, ingress).run(requests, seed);
  } finally {
    await ingress.stop();
  }
}

class Fuzzing {
  readonly #answers: Record<string, number> = {};
  readonly #violations: string[] = [];
  readonly #accepted = new Set<string>();
  #slowestMs = 0;
  #made = 0;
  #earlyMb = 0;

  constructor(
    private readonly fuzzed: readonly FuzzedRegistry[],
    private readonly ingress: FuzzedIngress,
  ) {}

  async run(requests: number, seed: number): Promise<FuzzReport> {
    const begun = performance.now();
    await this.#sendAll(requests, new SeededRandom(seed));
    return {
      requests: this.#made,
      seconds: (performance.now() - begun) / 1000,
      answers: this.#answers,
      violations: this.#violations,
      neverAccepted: this.fuzzed.map(({ name }) => name).filter((name) => !this.#accepted.has(name)),
      slowestMs: this.#slowestMs,
      published: this.ingress.published(),
      unreadable: this.ingress.unreadable.slice(0, mostViolations),
      residentMb: { early: this.#earlyMb, late: residentMb() },
    };
  }

  /** One after the other, so that the time of a request is its own. */
  async #sendAll(requests: number, random: SeededRandom): Promise<void> {
    const connection = new Reconnecting(this.ingress.port);
    const bodies = bodiesOf(this.fuzzed);
    while (this.#made < requests && this.#violations.length < mostViolations) {
      this.#made += 1;
      if (this.#made === Math.ceil(requests / 5)) this.#earlyMb = residentMb();
      const request = await makeRequest(this.fuzzed, bodies, random);
      await this.#judge(request, connection);
    }
    connection.close();
  }

  async #judge(request: FuzzRequest, connection: Reconnecting): Promise<void> {
    const { registry, expected } = request;
    const { status, ms } = await quickest(request, connection);
    const answer = `${expected} ${status}`;
    this.#answers[answer] = (this.#answers[answer] ?? 0) + 1;
    this.#slowestMs = Math.max(this.#slowestMs, ms);
    if (status === 202) this.#accepted.add(registry);
    const isRight = expected === 'judged' ? status >= 200 && status < 500 : status >= 400 && status < 500;
    if (!isRight) this.#tell(`${answer}, expected otherwise`, request);
    if (ms > slowMs) this.#tell(`took ${Math.round(ms)} ms`, request);
  }

  #tell(what: string, { registry, bytes }: FuzzRequest): void {
    this.#violations.push(`${registry}: ${what}: ${bytes.subarray(0, shownBytes).toString('base64')}`);
  }
}

/**
 * Asks, and again when that took long: other programs may have had the processor, and what is slow by itself spends
 * processor time every time.
 */
async function quickest(
  { bytes }: FuzzRequest,
  connection: Reconnecting,
): Promise<{ status: number; ms: number }> {
  const begun = performance.now();
  let status = await connection.ask(bytes);
  let ms = performance.now() - begun;
  for (let times = 0; times < 3 && ms > slowMs; times += 1) {
    const before = process.cpuUsage();
    status = await connection.ask(bytes);
    const { user, system } = process.cpuUsage(before);
    ms = Math.min(ms, (user + system) / 1000);
  }
  return { status, ms };
}

/** A connection that is opened anew when the server has closed it. */
class Reconnecting {
  #connection: HttpConnection | undefined;

  constructor(private readonly port: number) {}

  async ask(bytes: Buffer): Promise<number> {
    if (this.#connection?.isOpen !== true) this.#connection = await HttpConnection.open(this.port);
    try {
      return await this.#connection.ask(bytes);
    } catch {
      // It was closed with an answer that the request ran into, as one that is too large does.
      return 499;
    }
  }

  close(): void {
    this.#connection?.close();
  }
}

function bodiesOf(fuzzed: readonly FuzzedRegistry[]): [Buffer, ...Buffer[]] {
  const [first, ...rest] = fuzzed.flatMap(({ recorded }) => recorded.map(({ body }) => body));
  if (first === undefined) throw new Error('there are no bodies');
  return [first, ...rest];
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function residentMb(): number {
  collectGarbage();
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
}
