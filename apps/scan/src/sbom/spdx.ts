import { z } from 'zod';
import { type Component, maxComponents } from './component.js';

const Text = z.string().nullish();

/** https://spdx.github.io/spdx-spec/v2.3/ */
export const Spdx = z.object({
  spdxVersion: z.string().regex(/^SPDX-2\.\d+$/),
  packages: z
    .array(z.object({ name: z.string(), versionInfo: Text, licenseConcluded: Text, licenseDeclared: Text }))
    .nullish(),
});
export type Spdx = z.infer<typeof Spdx>;

/** That nobody knows, or that there is none, is no licence. */
const saysNothing = new Set(['', 'NOASSERTION', 'NONE']);

/** Its packages, at most as many as there may be and one more. What somebody concluded counts before what is declared. */
export function componentsOfSpdx({ packages }: Spdx): Component[] {
  return (packages ?? []).slice(0, maxComponents + 1).map((found) => {
    const { name, versionInfo, licenseConcluded, licenseDeclared } = found;
    const licence = [licenseConcluded, licenseDeclared].find((text) => !saysNothing.has(text ?? ''));
    return {
      name: name.slice(0, 1024),
      ...(versionInfo && { version: versionInfo.slice(0, 1024) }),
      licences: licence ? [licence.slice(0, 1024)] : [],
    };
  });
}
