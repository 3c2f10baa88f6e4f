import { z } from 'zod';

/** The section `reports` of `pratique.yaml`: where whole reports of scans are kept. Without it they are not. */
export const ReportsSection = z
  .strictObject({
    folder: z.string().min(1).describe('On a disk that all workers see: <folder>/<yyyy-mm-dd>/<id>.json'),
  })
  .optional();
export type ReportsSection = z.output<typeof ReportsSection>;
