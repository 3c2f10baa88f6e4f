import { z } from 'zod';

/** The section `http` of `pratique.yaml`: where a service answers, and how long it may take to stop. */
export const HttpSettings = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .max(255)
      .default('127.0.0.1')
      .describe('Address to listen on. In a container: 0.0.0.0'),
    port: z.int().min(0).max(65_535).default(8080).describe('0 lets the system choose'),
    trustedProxies: z
      .int()
      .min(0)
      .max(10)
      .default(0)
      .describe('Proxies before the service that append to X-Forwarded-For; 0 believes no such header'),
    // Kubernetes kills 30 s after it asked (terminationGracePeriodSeconds); handlers get 20 s (messaging.shutdownDeadlineMs).
    shutdownDeadlineMs: z
      .int()
      .min(0)
      .max(600_000)
      .default(25_000)
      .describe('Milliseconds from the signal to the end of the process, finished or not'),
  })
  .prefault({});
export type HttpSettings = z.output<typeof HttpSettings>;
