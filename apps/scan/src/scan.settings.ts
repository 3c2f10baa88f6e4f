import { ImagePattern } from '@pratique/config';
import { RegistryName } from '@pratique/contracts';
import { MessagingSettings } from '@pratique/messaging';
import { RegistriesSection } from '@pratique/registries';
import { HttpSettings } from '@pratique/service';
import { TelemetrySettings } from '@pratique/telemetry';
import { z } from 'zod';
import { CheckSettings } from './checks/checks.js';
import { ScanException } from './scan-exception.settings.js';
import { ScanLimits } from './scan-limits.settings.js';
import { ScannersSection } from './scanners/scanners.js';

const PolicyName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'is not a name of up to 63 lower-case letters, digits and inner dashes',
  );

/** What an image of some repositories must be to be cleared. */
const ScanPolicySettings = z.strictObject({
  name: PolicyName.describe('Stands in outcomes and in the events of cleared images'),
  registry: RegistryName,
  repositories: z
    .array(ImagePattern)
    .min(1, 'names no repository: write globs such as team-*/**')
    .max(1000)
    .describe('Globs: * within one segment, ** across segments'),
  checks: z
    .array(CheckSettings)
    .min(1, 'has no check, and so could never clear an image: add one such as { content: { allow: [...] } }')
    .max(100)
    .describe('None may find anything bad, and on each manifest one must find something good'),
  mode: z
    .enum(['enforce', 'observe'])
    .default('enforce')
    .describe('observe: tells what it would have done, and neither clears nor blocks'),
  exceptions: z.array(ScanException).max(1000).default([]).describe('What is found and borne, for a time'),
});

/** The section `scan` of `pratique.yaml`. */
export const ScanSection = z
  .array(ScanPolicySettings)
  .max(1000)
  .superRefine((policies, context) => {
    const names = policies.map(({ name }) => name);
    names.forEach((name, index) => {
      if (names.indexOf(name) === index) return;
      const message = `is "${name}" once more: give each policy a name of its own`;
      context.addIssue({ code: 'custom', path: [index, 'name'], message });
    });
  });
export type ScanSection = z.output<typeof ScanSection>;

/** Rules between `scan` and `registries`, for whoever loads both. */
export function checkScanRegistries(
  { registries, scan }: { registries: RegistriesSection; scan: ScanSection },
  context: z.RefinementCtx,
): void {
  const known = registries.map(({ name }) => name);
  scan.forEach(({ registry }, index) => {
    if (known.includes(registry)) return;
    const message = `is no registry of this file; there are ${known.join(', ') || 'none'}`;
    context.addIssue({ code: 'custom', path: ['scan', index, 'registry'], message });
  });
}

/** Rules between `scan` and `scanners`, for whoever loads both. */
export function checkScanners(
  { scanners, scan }: { scanners: ScannersSection; scan: ScanSection },
  context: z.RefinementCtx,
): void {
  const known = scanners.map(({ name }) => name);
  scan.forEach(({ checks }, policy) => {
    checks.forEach(({ kind, settings }, index) => {
      const name = (settings as { scanner?: string }).scanner;
      if (name === undefined || known.includes(name)) return;
      const message = `is no scanner of this file; there are ${known.join(', ') || 'none: add the section scanners'}`;
      context.addIssue({
        code: 'custom',
        path: ['scan', policy, 'checks', index, kind, 'scanner'],
        message,
      });
    });
  });
}

/** The sections that scan reads. */
export const ScanConfig = z
  .object({
    registries: RegistriesSection,
    scan: ScanSection,
    scanLimits: ScanLimits,
    scanners: ScannersSection,
    messaging: MessagingSettings,
    http: HttpSettings,
    telemetry: TelemetrySettings,
  })
  .superRefine(checkScanRegistries)
  .superRefine(checkScanners);
export type ScanConfig = z.output<typeof ScanConfig>;
