// eslint-disable-next-line no-restricted-imports -- what is measured is the emulator, without libs/messaging in front of it
export { ServiceBusClient, type ServiceBusMessage } from '@azure/service-bus';
