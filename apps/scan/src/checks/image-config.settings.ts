import { Digest } from '@pratique/contracts';
import { z } from 'zod';

const Port = z
  .string()
  .regex(/^\d{1,5}(?:-\d{1,5})?\/(?:tcp|udp|sctp)$/, 'is not a port such as 8080/tcp or 8000-8999/tcp');

export const ImageConfigSettings = z
  .strictObject({
    user: z
      .enum(['not-root', 'numeric'])
      .optional()
      .describe(
        'not-root: neither root nor nobody in particular. numeric: also no name, as runAsNonRoot of Kubernetes wants it',
      ),
    ports: z.array(Port).max(1000).optional().describe('No other port may be exposed; [] allows none'),
    labels: z
      .record(z.string().min(1).max(255), z.string().min(1).max(1024))
      .refine((labels) => Object.keys(labels).length > 0, { message: 'names no label' })
      .optional()
      .describe('Labels that the image must have, each with a glob for its value'),
    maxAgeDays: z.int().positive().max(36_500).optional().describe('Days since the image was built'),
    maxBytes: z.int().positive().optional().describe('Of all layers together, as they are stored'),
    baseDigests: z
      .array(Digest)
      .min(1)
      .max(1000)
      .optional()
      .describe('The image must be built on one of these'),
    baseNames: z
      .array(z.string().min(1).max(1024))
      .min(1)
      .max(1000)
      .optional()
      .describe('Globs: the image must be built on one of these'),
  })
  .refine((settings) => Object.keys(settings).length > 0, {
    message: 'asks for nothing: give it user, ports, labels, maxAgeDays, maxBytes, baseDigests or baseNames',
  });
export type ImageConfigSettings = z.output<typeof ImageConfigSettings>;
