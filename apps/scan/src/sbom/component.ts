import { z } from 'zod';

const Word = z.string().max(1024);

/** One part of an image, as its bill of materials names it. */
export const Component = z.object({
  name: Word,
  version: Word.exactOptional(),
  /** SPDX expressions, or names where there is no expression; several must all be borne. Empty where nothing is said. */
  licences: z.array(Word).max(100),
});
export type Component = z.infer<typeof Component>;

export interface Sbom {
  format: 'cyclonedx' | 'spdx';
  components: Component[];
}

/** More than any image has that anybody would look through. */
export const maxComponents = 100_000;
