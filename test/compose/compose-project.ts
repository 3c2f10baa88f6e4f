import { copyFile, rm } from 'node:fs/promises';
import { environmentVariable } from '@pratique/config';
import { z } from 'zod';
import { run } from '../processes/child-process.js';
import { freePort } from '../processes/free-port.js';
import { until } from '../processes/until.js';
import { type ContainerEngine, findContainerEngine } from './container-engine.js';

const Inspection = z.array(
  z.object({
    State: z.object({ StartedAt: z.string() }),
    HostConfig: z.object({ ReadonlyRootfs: z.boolean() }),
  }),
);

/** The variables of docker-compose.yml that name ports of this machine. */
const portVariables = ['API_PORT', 'INGRESS_PORT', 'VENDOR_REGISTRY_PORT', 'CUSTOMER_REGISTRY_PORT'] as const;
export type PortVariable = (typeof portVariables)[number];

/** docker-compose.yml under a name and on ports of its own, so that it runs beside one that somebody is using. */
export class ComposeProject {
  private constructor(
    private readonly commands: ContainerEngine,
    private readonly name: string,
    readonly ports: Readonly<Record<PortVariable, number>>,
  ) {}

  static async create(): Promise<ComposeProject> {
    const ports = await Promise.all(portVariables.map(async (name) => [name, await freePort()] as const));
    return new ComposeProject(
      await findContainerEngine(),
      `pratique-test-${process.pid}`,
      Object.fromEntries(ports) as Record<PortVariable, number>,
    );
  }

  /** Builds the image as docker-compose.yml says. */
  async build(): Promise<void> {
    await trustingWhatNodeTrusts(() => this.compose('build', 'ingress'));
  }

  async up(): Promise<void> {
    await this.compose('up', '-d', '--no-build');
  }

  async down(): Promise<void> {
    await this.compose('down', '-v');
  }

  /** The names of everything that still bears the project's name. */
  async remains(): Promise<string[]> {
    const ofProject = ['--filter', `label=com.docker.compose.project=${this.name}`];
    const listed = await Promise.all([
      this.engine('ps', '-a', '--format', '{{.Names}}', ...ofProject),
      this.engine('volume', 'ls', '--format', '{{.Name}}', ...ofProject),
    ]);
    return listed.flatMap(lines);
  }

  /** Some engines' compose leaves it behind; it holds nothing. */
  async removeNetwork(): Promise<void> {
    const names = lines(await this.engine('network', 'ls', '--format', '{{.Name}}'));
    const network = `${this.name}_default`;
    if (names.includes(network)) await this.engine('network', 'rm', network);
  }

  async containerOf(service: string): Promise<string> {
    const filters = [`project=${this.name}`, `service=${service}`].flatMap((label) => [
      '--filter',
      `label=com.docker.compose.${label}`,
    ]);
    const [id] = lines(await this.engine('ps', '-a', '-q', ...filters));
    if (id === undefined) throw new Error(`There is no container of the service ${service}.`);
    return id;
  }

  /** Ends a service as a power cut would, and starts it again. */
  async killAndStart(service: string): Promise<void> {
    const container = await this.containerOf(service);
    await this.engine('kill', '-s', 'KILL', container);
    await this.engine('wait', container);
    await this.engine('start', container);
  }

  async restart(service: string): Promise<void> {
    await this.engine('restart', '-t', '30', await this.containerOf(service));
  }

  async inspect(service: string) {
    const [container] = Inspection.parse(
      JSON.parse(await this.engine('inspect', await this.containerOf(service))),
    );
    if (container === undefined) throw new Error(`The engine told nothing of ${service}.`);
    return container;
  }

  /** Asks the database as its own client. @returns the rows' first column */
  async query(sql: string): Promise<string[]> {
    const psql = [
      'psql',
      '--host=127.0.0.1',
      '--username=pratique',
      '--tuples-only',
      '--no-align',
      '--command',
      sql,
    ];
    const password = ['--env', 'PGPASSWORD=for-local-use-only'];
    return lines(await this.engine('exec', ...password, await this.containerOf('postgres'), ...psql));
  }

  /** What Prometheus would be told by a service. */
  async metrics(service: string): Promise<string> {
    return this.runNode(
      service,
      `fetch('http://127.0.0.1:8080/metrics').then((answer) => answer.text()).then((text) => process.stdout.write(text))`,
    );
  }

  /** Runs a script with the Node of a service's image. @returns what it printed */
  async runNode(service: string, script: string): Promise<string> {
    return this.engine('exec', await this.containerOf(service), 'node', '-e', script);
  }

  /** Bytes of the image that all services share, as it lies on a disk. */
  async imageBytes(): Promise<number> {
    return Number(await this.engine('image', 'inspect', '--format', '{{.Size}}', 'pratique:local'));
  }

  /** `/proc/1/status` of a service: what the kernel says of its first process. */
  async processStatus(service: string): Promise<Map<string, string>> {
    const reader = `process.stdout.write(require('node:fs').readFileSync('/proc/1/status'))`;
    const ours = service.endsWith('registry') || service === 'postgres' ? undefined : ['node', '-e', reader];
    const command = ours ?? ['cat', '/proc/1/status'];
    const status = await this.engine('exec', await this.containerOf(service), ...command);
    return new Map(
      lines(status).map((line) => {
        const [field = '', value = ''] = line.split(':', 2);
        return [field, value.trim()];
      }),
    );
  }

  /** Milliseconds from the start of a service's container to the line with which the service says that it is up. */
  async startTime(service: string): Promise<number> {
    const { State } = await this.inspect(service);
    const started = Date.parse(State.StartedAt.replace(/^(\S+) (\S+?)(\.\d{3})\d* .*$/, '$1T$2$3Z'));
    const pattern = new RegExp(`"time":"([^"]+)","service":"${service}","msg":"${service} answers at`, 'g');
    const container = await this.containerOf(service);
    const look = async (): Promise<number | undefined> => {
      const times = [...(await this.engine('logs', container)).matchAll(pattern)].map(([, time = '']) =>
        Date.parse(time),
      );
      return times.find((time) => time > started);
    };
    return (await until(look, { what: `${service} to say that it is up`, forMs: 120_000 })) - started;
  }

  private compose(...args: string[]): Promise<string> {
    return this.run(this.commands.compose, ['-p', this.name, ...args]);
  }

  private engine(...args: string[]): Promise<string> {
    return this.run(this.commands.engine, args);
  }

  private async run([program = '', ...first]: readonly string[], args: readonly string[]): Promise<string> {
    const ports = Object.entries(this.ports).map(([name, port]) => `${name}=${port}`);
    return run('env', [...ports, program, ...first, ...args]);
  }
}

/** Lends the build the certificate authority that Node was told to trust here, for machines behind a proxy. */
async function trustingWhatNodeTrusts(build: () => Promise<unknown>): Promise<void> {
  const authority = environmentVariable('NODE_EXTRA_CA_CERTS');
  if (authority !== undefined) await copyFile(authority, 'extra-ca.pem');
  try {
    await build();
  } finally {
    if (authority !== undefined) await rm('extra-ca.pem');
  }
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
