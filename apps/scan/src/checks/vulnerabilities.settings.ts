import { z } from 'zod';
import { Signers } from '../signatures/signers.settings.js';
import { FindingSeverity } from './finding.js';

export const VulnerabilitiesSettings = z.strictObject({
  scanner: z.string().min(1).max(63).describe('Whom to ask: a name in the section scanners'),
  severity: FindingSeverity.exclude(['unknown'])
    .default('high')
    .describe('From which severity on nothing may be found'),
  unknownSeverity: z
    .enum(['refuse', 'allow'])
    .default('refuse')
    .describe('What becomes of what nobody has rated yet'),
  onlyFixable: z
    .boolean()
    .default(false)
    .describe('Bears what nobody has mended yet: only what a newer version of the package mends counts'),
  epss: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Refuses, whatever its severity, what EPSS takes for at least this likely to be exploited'),
  knownExploited: z
    .enum(['refuse', 'as-rated'])
    .default('refuse')
    .describe('Refuses, whatever its severity, what is known to be exploited, where the scanner tells'),
  vex: Signers.optional().describe(
    'Whose OpenVEX documents count, where they are attached and signed; default: nobody’s',
  ),
  rescanFromSbom: Signers.optional().describe(
    'Whose SBOMs the scanner is given in place of the image when it is scanned again, where they are attached, signed and of the scanner’s own make; default: nobody’s',
  ),
  unrecognised: z
    .enum(['refuse', 'allow'])
    .default('refuse')
    .describe('What becomes of an image in which the scanner knew nothing at all'),
});
export type VulnerabilitiesSettings = z.output<typeof VulnerabilitiesSettings>;
