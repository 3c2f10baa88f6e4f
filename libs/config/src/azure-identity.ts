import { z } from 'zod';

/**
 * How a service proves to Azure who it is, without a secret: as the workload identity of its pod, as the managed identity
 * of its machine, or as whatever the Azure SDK finds (on a laptop, the developer).
 */
export const AzureIdentity = z.enum(['workload', 'managed', 'default']);
export type AzureIdentity = z.infer<typeof AzureIdentity>;
