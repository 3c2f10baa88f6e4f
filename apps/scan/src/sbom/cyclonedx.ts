import { z } from 'zod';
import { type Component, maxComponents } from './component.js';

const Text = z.string().nullish();

const Licence = z.object({
  expression: Text,
  license: z.object({ id: Text, name: Text }).nullish(),
});

interface CycloneComponent {
  name: string;
  version?: string | null | undefined;
  licenses?: z.infer<typeof Licence>[] | null | undefined;
  components?: CycloneComponent[] | null | undefined;
}

const CycloneComponent: z.ZodType<CycloneComponent> = z.object({
  name: z.string(),
  version: Text,
  licenses: z.array(Licence).nullish(),
  get components() {
    return z.array(CycloneComponent).nullish();
  },
});

/** https://cyclonedx.org/docs/1.6/json/ */
export const CycloneDx = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string().regex(/^1\.\d+$/),
  components: z.array(CycloneComponent).nullish(),
});
export type CycloneDx = z.infer<typeof CycloneDx>;

/** Its components with those within them, at most as many as there may be and one more. */
export function componentsOfCycloneDx({ components }: CycloneDx): Component[] {
  const found: Component[] = [];
  const waiting = [...(components ?? [])];
  for (let next = waiting.pop(); next !== undefined && found.length <= maxComponents; next = waiting.pop()) {
    found.push(translate(next));
    for (const inner of next.components ?? []) waiting.push(inner);
  }
  return found;
}

function translate({ name, version, licenses }: CycloneComponent): Component {
  const licences = (licenses ?? []).flatMap(
    ({ expression, license }) => expression ?? license?.id ?? license?.name ?? [],
  );
  return {
    name: name.slice(0, 1024),
    ...(version && { version: version.slice(0, 1024) }),
    licences: licences.slice(0, 100).map((licence) => licence.slice(0, 1024)),
  };
}
