import { z } from 'zod';
import { registries } from './registries.js';
import type { RegistryDefinition } from './registry.js';

/** A page of the documentation, written from a definition so that the two cannot disagree. */
export interface RegistryPage {
  /** The name of its file in `docs/registries`. */
  file: string;
  text: string;
}

/** The pages of all kinds, and their index. `npm run docs:registries` writes them; a test fails when they are not current. */
export function registryPages(): RegistryPage[] {
  return [indexPage(), ...registries.map((registry) => kindPage(registry))];
}

const written = '<!-- Written by `npm run docs:registries` from libs/registries. Do not edit. -->';

function indexPage(): RegistryPage {
  const lines = registries.map(({ kind, manual }) => `- [${manual.title}](${kind}.md): \`kind: ${kind}\``);
  return { file: 'README.md', text: page('# Registries', written, intro, lines.join('\n')) };
}

const intro = `Pratique hears of images from these registries. Each page says how the registry proves itself, what is peculiar about it,
and what to enter where. The secret of a webhook can be changed without a gap: make the new one \`secret\` and the old one
\`previousSecret\`, change it at the registry, then take \`previousSecret\` away.`;

function kindPage({ kind, manual, settings, webhook }: RegistryDefinition): RegistryPage {
  const { title, documentation, proof, peculiarities, example } = manual;
  const text = page(
    `# ${title}`,
    written,
    '## How it proves itself',
    proof,
    '## In `pratique.yaml`',
    `\`\`\`yaml\nregistries:\n${indented(example)}\n\`\`\``,
    settingLines(z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' }) as Setting).join('\n'),
    '## At the registry',
    manual.setUp({ address: 'https://pratique.example/webhooks/<name>' }),
    '## What to know',
    [...peculiarities, afterRefusal[webhook.afterRefusal]].map((sentence) => `- ${sentence}`).join('\n'),
    '## Sources',
    documentation.map((address) => `- <${address}>`).join('\n'),
  );
  return { file: `${kind}.md`, text };
}

const afterRefusal = {
  'gives-up': 'An event about a repository that is not agreed is answered 403.',
  'retries-for-ever':
    'An event about a repository that is not agreed is answered 200, and reported: this sender would repeat it without end.',
  'switches-off':
    'An event about a repository that is not agreed is answered 200, and reported: this sender would switch its webhook off.',
} as const;

function page(...blocks: string[]): string {
  return `${blocks.join('\n\n')}\n`;
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

/** As much of JSON Schema as is shown. */
interface Setting {
  description?: string;
  const?: string;
  enum?: string[];
  properties?: Record<string, Setting>;
  required?: string[];
  anyOf?: Setting[];
}

function settingLines(schema: Setting, depth = 0): string[] {
  const alternatives = schema.anyOf ?? [schema];
  const named = alternatives.flatMap(({ properties = {}, required = [] }) =>
    Object.entries(properties).map(([name, setting]) => ({
      name,
      setting,
      isRequired: required.includes(name),
    })),
  );
  // A reference to a secret is written the same everywhere and is explained once, in the configuration's own page.
  const shown = named.filter(({ name }, index) => named.findIndex((other) => other.name === name) === index);
  return shown.flatMap(({ name, setting, isRequired }) => [
    `${'  '.repeat(depth)}- \`${name}\`${isRequired && alternatives.length === 1 ? ' (required)' : ''}${meaning(setting)}`,
    ...(isSecret(setting) ? [] : settingLines(setting, depth + 1)),
  ]);
}

function meaning({ description, const: value, enum: values }: Setting): string {
  if (value !== undefined) return `: \`${value}\``;
  const choice = values === undefined ? '' : ` (${values.map((one) => `\`${one}\``).join(', ')})`;
  return description === undefined ? choice : `: ${escaped(description)}${choice}`;
}

// What stands in angle brackets would be taken for HTML, and stars for emphasis.
function escaped(text: string): string {
  return text.replaceAll(/[<*]/g, '\\$&');
}

function isSecret({ anyOf = [] }: Setting): boolean {
  return anyOf.some(({ properties = {} }) => 'env' in properties);
}
