import type { AcrEmulator } from '../acr-emulator.js';
import type { EmulatedEntra } from '../entra/emulated-entra.js';
import type { Intercept } from '../http/fault-door.js';
import { HttpDoor } from '../http/http-door.js';
import type { ArmScope } from './arm-scope.js';
import { handleArmRequest, refuseArmRequest } from './handle-arm-request.js';
import { ImportOperations } from './import-operations.js';
import { formatResourceId } from './resource-id.js';

export interface ArmEmulatorOptions {
  /** The registries in the resource group: targets, and the only sources that an import can have. */
  readonly registries: readonly AcrEmulator[];
  readonly entra: EmulatedEntra;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Address to listen on; loopback by default. */
  readonly listenOn?: string;
  readonly location?: string;
  /** What clients are told to wait between polls. Azure says 10; the default is 1. The SDK takes 0 for its own 2 s. */
  readonly retryAfterSeconds?: number;
  /** How many polls are answered "running" at least; default 0, so that a small import is done by the first. */
  readonly pendingPolls?: number;
  readonly intercept?: Intercept;
}

/** A running stand-in for Azure Resource Manager that knows one resource group of registries. */
export class ArmEmulator {
  readonly #door: HttpDoor;
  readonly #scope: ArmScope;

  constructor(door: HttpDoor, scope: ArmScope) {
    this.#door = door;
    this.#scope = scope;
  }

  get port(): number {
    return this.#door.port;
  }

  /**
   * Endpoint for the Azure clients. They refuse to send tokens to anything but https, while this server speaks plain
   * HTTP: a policy behind the one that adds the token has to rewrite the scheme and set `x-forwarded-proto: https`.
   */
  get endpoint(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** The resource id of a registry in the group. */
  resourceIdOf(registryName: string): string {
    const { subscriptionId, resourceGroup } = this.#scope;
    return formatResourceId({ subscriptionId, resourceGroup, registryName });
  }

  /** Waits until every import that was started has ended. */
  importsSettled(): Promise<void> {
    return this.#scope.operations.settled();
  }

  /** Stops answering, and waits for the imports under way. */
  async close(): Promise<void> {
    await this.#door.close();
    await this.importsSettled();
  }
}

/** Starts an emulated Resource Manager for registries that run in this process. */
export async function startArmEmulator(options: ArmEmulatorOptions): Promise<ArmEmulator> {
  const scope: ArmScope = {
    subscriptionId: options.subscriptionId,
    resourceGroup: options.resourceGroup,
    location: options.location ?? 'westeurope',
    registries: options.registries.map(({ registry }) => registry),
    entra: options.entra,
    operations: new ImportOperations(options.pendingPolls ?? 0),
    retryAfterSeconds: options.retryAfterSeconds ?? 1,
  };
  const door = new HttpDoor({
    handle: (exchange) => handleArmRequest(scope, exchange),
    refuse: refuseArmRequest,
    intercept: options.intercept,
  });
  await door.listen(options.listenOn ?? '127.0.0.1', options.port ?? 0);
  return new ArmEmulator(door, scope);
}
