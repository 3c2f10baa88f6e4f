import {
  ServiceBusAdministrationClient,
  type ServiceBusAdministrationClientOptions,
} from '@azure/service-bus';
import { azureCredential } from '@pratique/azure-identity';
import type { BrokerEndpoint, MessagingSettings } from '../messaging.settings.js';

/** A connection string of an emulator that runs on somebody's own machine, Microsoft's or Pratique's. */
export interface DevelopmentBroker {
  host: string;
  keyName: string;
  key: string;
}

/** Where an emulator's administration API would be; `undefined` for a namespace in Azure. */
export function developmentBroker(endpoint: BrokerEndpoint): DevelopmentBroker | undefined {
  if (!('connectionString' in endpoint)) return undefined;
  const fields = connectionFields(endpoint.connectionString.reveal());
  const field = (name: string): string => fields.get(name) ?? '';
  if (field('usedevelopmentemulator').toLowerCase() !== 'true') return undefined;
  // Without the port, which is that of AMQP.
  const [, host = 'localhost'] = /^sb:\/\/(\[[^\]]*\]|[^:/]+)/.exec(field('endpoint')) ?? [];
  return { host, keyName: field('sharedaccesskeyname'), key: field('sharedaccesskey') };
}

/** The host to name in messages: never a key. */
export function brokerHost(endpoint: BrokerEndpoint): string {
  if ('namespace' in endpoint) return endpoint.namespace;
  const address = connectionFields(endpoint.connectionString.reveal()).get('endpoint') ?? '';
  return address.replace(/^sb:\/\//, '').replace(/\/$/, '');
}

// A key is base64 and may end in equals signs, so that only the first one of a field divides it.
function connectionFields(connectionString: string): Map<string, string> {
  const fields = connectionString.split(';').map((field): [string, string] => {
    const [name = ''] = field.split('=', 1);
    return [name.trim().toLowerCase(), field.slice(name.length + 1).trim()];
  });
  return new Map(fields);
}

/** A client of a namespace's administration API in Azure. */
export function connectAdministration(
  endpoint: BrokerEndpoint,
  retry: MessagingSettings['retry'],
): ServiceBusAdministrationClient {
  const options = clientOptions(retry);
  return 'connectionString' in endpoint
    ? new ServiceBusAdministrationClient(endpoint.connectionString.reveal(), options)
    : new ServiceBusAdministrationClient(endpoint.namespace, azureCredential(endpoint.identity), options);
}

/** A client of the administration API that Microsoft's emulator has at a port of its own, without TLS. */
export function connectDevelopmentAdministration(
  { host, keyName, key }: DevelopmentBroker,
  { port, retry }: { port: number; retry: MessagingSettings['retry'] },
): ServiceBusAdministrationClient {
  const connectionString = `Endpoint=sb://${host}:${port};SharedAccessKeyName=${keyName};SharedAccessKey=${key}`;
  const client = new ServiceBusAdministrationClient(connectionString, clientOptions(retry));
  usePlainHttp(client);
  return client;
}

/**
 * Version 7.9.5 of the client always writes https, whatever the connection string says
 * (https://github.com/Azure/azure-sdk-for-js/pull/32771 is newer).
 */
export function usePlainHttp(client: ServiceBusAdministrationClient): void {
  client.pipeline.addPolicy({
    name: 'plainHttpOfDevelopmentEmulator',
    sendRequest: (request, next) => {
      request.url = request.url.replace(/^https:/, 'http:');
      request.allowInsecureConnection = true;
      return next(request);
    },
  });
}

function clientOptions(retry: MessagingSettings['retry']): ServiceBusAdministrationClientOptions {
  const { maxRetries, delayMs, maxDelayMs } = retry;
  return { retryOptions: { maxRetries, retryDelayInMs: delayMs, maxRetryDelayInMs: maxDelayMs } };
}
