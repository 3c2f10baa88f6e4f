import { z } from 'zod';

/** Whose word it is: a scanner, and the state of what it knows. */
export const ScannerIdentity = z.object({
  name: z.string().max(255),
  vendor: z.string().max(255).exactOptional(),
  version: z.string().max(255).exactOptional(),
  database: z
    .object({
      version: z.string().max(255).exactOptional(),
      /** When the data was made, not when it was fetched. */
      updatedAt: z.iso.datetime({ offset: true }).exactOptional(),
    })
    .exactOptional(),
});
export type ScannerIdentity = z.infer<typeof ScannerIdentity>;
