import type { LogOptions } from '@pratique/service';

/** Of a webhook that was accepted there is a line already, which says who sent what. */
export const ingressLogs: LogOptions = {
  toldByService: ({ path, status }) => status === 202 && path.startsWith('/webhooks/'),
};
