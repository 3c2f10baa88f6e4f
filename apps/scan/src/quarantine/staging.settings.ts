import { RegistryName, RepositoryName } from '@pratique/contracts';
import { z } from 'zod';

/** The section `staging` of `pratique.yaml`: quarantine for registries that have none of their own. */
export const StagingSection = z
  .array(
    z.strictObject({
      registry: RegistryName,
      prefix: RepositoryName.default(RepositoryName.parse('quarantine')).describe(
        'Images of team/app are pushed to quarantine/team/app, and copied to team/app when they pass',
      ),
    }),
  )
  .max(1000)
  .default([])
  .superRefine((entries, context) => {
    entries.forEach(({ registry }, index) => {
      if (entries.findIndex((entry) => entry.registry === registry) === index) return;
      const message = `is "${registry}" once more: a registry has one staging area`;
      context.addIssue({ code: 'custom', path: [index, 'registry'], message });
    });
  });
export type StagingSection = z.output<typeof StagingSection>;
