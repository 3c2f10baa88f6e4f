import { z } from 'zod';

/**
 * A list of so many elements at most. The length is looked at before any element is: a megabyte holds some hundred
 * thousand empty objects, which take a schema longer than a sender may keep us busy.
 */
export function boundedList<S extends z.ZodType>(
  element: S,
  { min = 0, max }: { min?: number; max: number },
) {
  return z.array(z.unknown()).min(min).max(max).pipe(z.array(element));
}
