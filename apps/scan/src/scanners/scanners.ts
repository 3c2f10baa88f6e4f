import { z } from 'zod';
import { BoundedScanner } from './bounded-scanner.js';
import { grypeScanner } from './grype.scanner.js';
import { harborScanner } from './harbor.scanner.js';
import type { Scanner, ScannerDefinition } from './scanner.js';
import { trivyScanner } from './trivy.scanner.js';

/** Every kind of scanner there is. Settings and documentation are derived from this list. */
export const scanners = [grypeScanner, harborScanner, trivyScanner] as const;

const kinds = scanners.map(({ kind }) => kind).join(', ');
const settings = scanners.map((definition) => definition.settings);

export const ScannerSettings = z.discriminatedUnion('kind', settings as [(typeof settings)[number]], {
  error: `is not a scanner: give it a kind, one of ${kinds}`,
});
export type ScannerSettings = z.output<typeof ScannerSettings>;

/** The section `scanners` of `pratique.yaml`: who may be asked about vulnerabilities. */
export const ScannersSection = z
  .array(ScannerSettings)
  .max(100)
  .default([])
  .superRefine((section, context) => {
    const names = section.map(({ name }) => name);
    names.forEach((name, index) => {
      if (names.indexOf(name) === index) return;
      const message = `is "${name}" once more: give each scanner a name of its own`;
      context.addIssue({ code: 'custom', path: [index, 'name'], message });
    });
  });
export type ScannersSection = z.output<typeof ScannersSection>;

/** The scanners of a configuration, by name. */
export type Scanners = ReadonlyMap<string, Scanner>;

/** Makes the scanners of a configuration; nothing is contacted or started before it is asked. */
export function openScanners(section: ScannersSection): Scanners {
  return new Map(section.map((each) => [each.name, new BoundedScanner(open(each), each)]));
}

function open(each: ScannerSettings): Scanner {
  // Each knows the type of its own settings; here they are only passed on to whom they belong.
  const definitions: readonly ScannerDefinition<string, z.ZodType>[] = scanners;
  const definition = definitions.find(({ kind }) => kind === each.kind);
  if (definition === undefined) throw new Error(`there is no scanner of the kind ${each.kind}`);
  return definition.open(each);
}
