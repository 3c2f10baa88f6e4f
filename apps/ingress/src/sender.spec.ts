import { RegistryHost, RegistryName } from '@pratique/contracts';
import { Secret } from '@pratique/config';
import { type Sender, senderOf } from './sender.js';

function sender(webhook: { repositories?: string[]; allowFrom?: string[] } = {}): Sender {
  return senderOf({
    name: RegistryName.parse('vendor'),
    kind: 'acr',
    host: RegistryHost.parse('vendor.azurecr.io'),
    webhook: { secret: new Secret('not-a-secret'), ...webhook },
  });
}

describe('ingress/sender', () => {
  it.each([
    ['tripinsights/*', 'tripinsights/poi', true],
    ['tripinsights/*', 'tripinsights', false],
    ['tripinsights/*', 'tripinsights/poi/deeper', false],
    ['tripinsights/*', 'xtripinsights/poi', false],
    ['bicep/**', 'bicep/avm/storage', true],
    ['team-*/app', 'team-a/app', true],
    ['team-*/app', 'team-a/b/app', false],
    ['a.b/c', 'axb/c', false],
    ['{a,b}', 'a', false],
  ])('with %s, may speak of %s: %s', (glob, repository, allowed) => {
    expect(sender({ repositories: [glob] }).maySpeakOf(repository)).toBe(allowed);
  });

  it('may speak of what any entry of the list allows', () => {
    expect(sender({ repositories: ['a/*', 'b/*'] }).maySpeakOf('b/c')).toBe(true);
  });

  it('may speak of everything of the registry when there is no list', () => {
    expect(sender().maySpeakOf('anything/at/all')).toBe(true);
  });

  it('may come from the networks of its list only, and from nowhere that cannot be told', () => {
    const { mayComeFrom } = sender({ allowFrom: ['20.0.0.0/8', '2603:1030::/32'] });

    expect(['20.1.2.3', '2603:1030::7', '21.0.0.1', undefined].map(mayComeFrom)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('may come from anywhere when there is no list', () => {
    expect([sender().mayComeFrom('192.0.2.7'), sender().mayComeFrom(undefined)]).toEqual([true, true]);
  });
});
