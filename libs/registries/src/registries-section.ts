import { z } from 'zod';
import { registries } from './registries.js';

type SettingsOf<L extends readonly { settings: unknown }[]> = { -readonly [I in keyof L]: L[I]['settings'] };

const everyKind = registries.map(({ settings }) => settings) as unknown as SettingsOf<typeof registries>;

/** The settings of one registry, of any kind. */
export const RegistrySettings = z.discriminatedUnion('kind', everyKind);
export type RegistrySettings = z.output<typeof RegistrySettings>;

/** The section `registries` of `pratique.yaml`. */
export const RegistriesSection = z
  .array(RegistrySettings)
  .max(1000)
  .superRefine((entries, context) => {
    const names = entries.map(({ name }) => name);
    names.forEach((name, index) => {
      if (names.indexOf(name) === index) return;
      const message = `is "${name}" once more: give each registry a name of its own`;
      context.addIssue({ code: 'custom', path: [index, 'name'], message });
    });
  });
export type RegistriesSection = z.output<typeof RegistriesSection>;
