// Reads a list of resources of ARM templates on standard input and sends each once through Microsoft's own client: taken in
// as an answer of Azure, and sent back as a request. What the client does not know gets lost on the way. Nothing is
// connected to. Prints what would have been sent, as a list of { apiVersion, body }.
import { AuthorizationManagementClient } from '@azure/arm-authorization';
import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import { EventGridManagementClient } from '@azure/arm-eventgrid';
import { EventHubManagementClient } from '@azure/arm-eventhub';
import { KeyVaultManagementClient } from '@azure/arm-keyvault';
import { MonitorClient } from '@azure/arm-monitor';
import { ManagedServiceIdentityClient } from '@azure/arm-msi';
import { PostgreSQLManagementFlexibleServerClient } from '@azure/arm-postgresql-flexible';
import { ServiceBusManagementClient } from '@azure/arm-servicebus';
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { json } from 'node:stream/consumers';

const credential = {
  getToken: () => Promise.resolve({ token: 'none', expiresOnTimestamp: Date.now() + 3_600_000 }),
};
const subscription = '00000000-0000-0000-0000-000000000000';
const scope = `/subscriptions/${subscription}/resourceGroups/group`;

/** For each type: the client, how it reads one and how it writes one. */
const clients = {
  'Microsoft.ServiceBus/namespaces': [ServiceBusManagementClient, 'namespaces', 1],
  'Microsoft.ServiceBus/namespaces/topics': [ServiceBusManagementClient, 'topics', 2],
  'Microsoft.ServiceBus/namespaces/topics/subscriptions': [ServiceBusManagementClient, 'subscriptions', 3],
  'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules': [ServiceBusManagementClient, 'rules', 4],
  'Microsoft.EventHub/namespaces': [EventHubManagementClient, 'namespaces', 1],
  'Microsoft.EventHub/namespaces/eventhubs': [EventHubManagementClient, 'eventHubs', 2],
  'Microsoft.EventHub/namespaces/eventhubs/consumergroups': [EventHubManagementClient, 'consumerGroups', 3],
  'Microsoft.ManagedIdentity/userAssignedIdentities': [
    ManagedServiceIdentityClient,
    'userAssignedIdentities',
    1,
  ],
  'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials': [
    ManagedServiceIdentityClient,
    'federatedIdentityCredentials',
    2,
  ],
  'Microsoft.DBforPostgreSQL/flexibleServers': [PostgreSQLManagementFlexibleServerClient, 'servers', 1],
  'Microsoft.DBforPostgreSQL/flexibleServers/databases': [
    PostgreSQLManagementFlexibleServerClient,
    'databases',
    2,
  ],
  'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules': [
    PostgreSQLManagementFlexibleServerClient,
    'firewallRules',
    2,
  ],
  'Microsoft.KeyVault/vaults': [KeyVaultManagementClient, 'vaults', 1],
  'Microsoft.KeyVault/vaults/secrets': [KeyVaultManagementClient, 'secrets', 2],
  'Microsoft.Authorization/roleAssignments': [AuthorizationManagementClient, 'roleAssignments', 'scope'],
  'Microsoft.Authorization/roleDefinitions': [AuthorizationManagementClient, 'roleDefinitions', 'scope'],
  'Microsoft.Insights/diagnosticSettings': [MonitorClient, 'diagnosticSettings', 'scope'],
  'Microsoft.ContainerRegistry/registries/webhooks': [ContainerRegistryManagementClient, 'webhooks', 2],
  'Microsoft.EventGrid/systemTopics': [EventGridManagementClient, 'systemTopics', 1],
  'Microsoft.EventGrid/systemTopics/eventSubscriptions': [
    EventGridManagementClient,
    'systemTopicEventSubscriptions',
    2,
  ],
};
const writers = ['beginCreateOrUpdateAndWait', 'beginCreateAndWait', 'createOrUpdate', 'create'];

async function roundTrip({ type, ...resource }) {
  const known = clients[type];
  if (known === undefined)
    throw new Error(`There is no client for ${type}: add it to tools/azure-round-trip.mjs`);
  const [Client, collection, depth] = known;
  let sent;
  const httpClient = {
    sendRequest: (request) => {
      if (request.method === 'PUT') {
        sent ??= {
          apiVersion: new URL(request.url).searchParams.get('api-version'),
          body: JSON.parse(request.body),
        };
      }
      const bodyAsText = JSON.stringify({ id: `${scope}/x`, name: 'x', type, ...resource });
      return Promise.resolve({ request, status: 200, headers: createHttpHeaders(), bodyAsText });
    },
  };
  const client = new Client(credential, subscription, { httpClient });
  const operations = client[collection];
  const address =
    depth === 'scope' ? [scope, 'name'] : ['group', ...Array.from({ length: depth }, () => 'name-x')];
  // What a webhook is made from is not what is told of it: its address is a secret.
  const model =
    collection === 'webhooks'
      ? { location: resource.location, ...resource.properties }
      : await operations.get(...address);
  const writer = writers.find((name) => typeof operations[name] === 'function');
  // Azure Monitor's client wants the model before the name.
  const args = collection === 'diagnosticSettings' ? [address[0], address[1], model] : [...address, model];
  const writing = operations[writer](...args);
  await Promise.resolve(writing).catch((error) => {
    if (sent === undefined) throw error;
  });
  return sent;
}

const resources = await json(process.stdin);
const answers = [];
for (const resource of resources) {
  answers.push(await roundTrip(resource).catch((error) => ({ error: String(error) })));
}
process.stdout.write(JSON.stringify(answers));
