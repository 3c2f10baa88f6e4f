import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { contractSenders } from './contract-senders.contract.js';
import { type RegistryDefinition } from './registry.js';
import { describeRegistry } from './registry.contract.js';
import { registries, type RegistryKind, registryOfKind } from './registries.js';

describe('registries/registries', () => {
  const kinds: readonly string[] = registries.map(({ kind }) => kind);

  it('lists every file of a kind in this folder, in alphabetical order, and nothing else', () => {
    const files = readdirSync(__dirname)
      .filter((file) => file.endsWith('.registry.ts'))
      .map((file) => file.replace('.registry.ts', ''));

    expect(kinds).toEqual(files.toSorted());
  });

  it('has recorded deliveries of every kind, and of no other', () => {
    const folders = readdirSync(join(__dirname, 'fixtures'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);

    expect(folders.toSorted()).toEqual(kinds);
  });

  it('finds the definition of each kind', () => {
    expect(registries.map(({ kind }) => registryOfKind(kind))).toEqual(registries);
  });

  const ways = registries.flatMap((registry: RegistryDefinition & { kind: RegistryKind }) =>
    contractSenders[registry.kind].map((sender) => ({
      kind: registry.kind,
      way: sender.name,
      registry,
      sender,
    })),
  );

  describe.each(ways)('$kind by $way', ({ registry, sender }) => describeRegistry(registry, sender));
});
