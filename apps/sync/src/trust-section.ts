import { z } from 'zod';

/** The section `trust`: names of levels, from the least to the most trusted. */
export const TrustSection = z.array(z.string().min(1).max(63)).min(2, 'needs at least two levels').max(100);
export type TrustSection = z.infer<typeof TrustSection>;
