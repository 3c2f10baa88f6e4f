import { join } from 'node:path';
import {
  type AzureMessagingEmulator,
  startAzureMessagingEmulator,
} from '@pratique/emulators-azure-messaging';
import { messagingTopology } from '@pratique/messaging';

/** Starts the broker that stands in for Service Bus and Event Hubs, over a folder in the state folder. */
export function startLocalBroker(options: {
  state: string;
  anyPort: boolean;
}): Promise<AzureMessagingEmulator> {
  return startAzureMessagingEmulator({
    port: options.anyPort ? 0 : 5672,
    storage: { folder: join(options.state, 'broker') },
    ...messagingTopology(),
  });
}
