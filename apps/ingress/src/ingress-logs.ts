import type { LogOptions } from '@pratique/service';

/** Of what is accepted, and of what is refused within its budget, there are lines already that say who sent what. */
export const ingressLogs: Pick<LogOptions, 'toldByService'> = {
  toldByService: ({ route = '', status }) =>
    route.startsWith('/webhooks/') && (status === 202 || (status >= 400 && status < 500)),
};
