import { ConfigError, parseConfig } from '@pratique/config';
import { SyncConfig } from './sync.settings.js';

const messaging = `
messaging:
  serviceBus: { namespace: pratique.servicebus.windows.net, identity: workload }
  eventHubs: { namespace: pratique.servicebus.windows.net, identity: workload }
`;

const registries = `
trust: [external, development, production]
registries:
  - { name: vendor, kind: acr, host: vendor.azurecr.io, trust: external }
  - { name: dev, kind: distribution, host: dev.example.com, trust: development }
  - name: prod
    kind: acr
    host: prod.azurecr.io
    trust: production
    credentials: { identity: workload }
    resourceId: /subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/prodprod
  - { name: guarded, kind: acr, host: guarded.azurecr.io, trust: production, quarantine: true }
`;

function problemsOf(sync: string, sections = registries): string[] {
  try {
    parseConfig({ file: 'pratique.yaml', text: `${messaging}${sections}sync:\n${sync}` }, SyncConfig);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ path, message }) => `${path} ${message}`);
    throw error;
  }
  return [];
}

function rule(text: string): string {
  return `  - { name: r, repositories: ['**'], ${text} }\n`;
}

describe('sync/sync.settings', () => {
  it('fills in what a rule leaves out', () => {
    const text = `${messaging}${registries}sync:\n${rule('from: vendor, to: guarded, when: pushed')}`;

    expect(parseConfig({ file: 'pratique.yaml', text }, SyncConfig).sync).toEqual([
      {
        name: 'r',
        from: 'vendor',
        to: ['guarded'],
        repositories: ['**'],
        tags: ['*'],
        when: 'pushed',
        as: '{repository}:{tag}',
        referrers: true,
        delete: 'keep',
        overwrite: 'allow',
        method: 'auto',
      },
    ]);
  });

  it.each([
    ['after a scan', 'from: vendor, to: prod, when: cleared'],
    ['after an approval', 'from: dev, to: prod, when: approved'],
    ['into quarantine', 'from: vendor, to: guarded, when: pushed'],
    ['down the order', 'from: prod, to: dev, when: pushed'],
    ['on the same level', 'from: prod, to: guarded, when: pushed'],
  ])('lets images go %s', (_, text) => {
    expect(problemsOf(rule(text))).toEqual([]);
  });

  it.each([
    ['a rise that nothing guards', 'from: vendor, to: prod, when: pushed', 'sync[0].when lets every image'],
    [
      'a rise by one level that nothing guards',
      'from: vendor, to: dev, when: pushed',
      'write cleared or approved, or set quarantine: true at dev',
    ],
    [
      'a registry that does not exist',
      'from: vendr, to: dev, when: cleared',
      'sync[0].from must be the name of a registry of this file: vendor, dev, prod, guarded',
    ],
    ['a target that does not exist', 'from: dev, to: prd, when: cleared', 'sync[0].to must be the name'],
    [
      'copies onto themselves',
      'from: dev, to: dev, when: pushed',
      'sync[0].to is the registry that the images',
    ],
    ['a kind of event that is none', 'from: dev, to: prod, when: deleted', 'sync[0].when must be one of'],
    [
      'an unknown setting',
      'from: dev, to: prod, when: cleared, tag: x',
      'sync[0].tag is not a setting that exists here',
    ],
    [
      'a template without a tag',
      "from: dev, to: prod, when: cleared, as: '{repository}'",
      'sync[0].as names no tag',
    ],
    [
      'a template with a host',
      "from: dev, to: prod, when: cleared, as: 'evil.example.com/{repository}:443:{tag}'",
      'sync[0].as makes no valid name',
    ],
    ['an empty list of tags', 'from: dev, to: prod, when: cleared, tags: []', 'sync[0].tags is empty'],
    [
      'a pattern that negates',
      "from: dev, to: prod, when: cleared, tags: ['!latest']",
      'sync[0].tags[0] is not a pattern',
    ],
    [
      'a regular expression that needs more than linear time',
      "from: dev, to: prod, when: cleared, tags: { regex: '(?=v).*' }",
      'sync[0].tags[0].regex is not a regular expression of RE2',
    ],
    [
      'a range of versions that is none',
      "from: dev, to: prod, when: cleared, tags: { semver: 'newest' }",
      "sync[0].tags[0].semver is not a range of versions such as '>=1.2 <3'",
    ],
    [
      'a range of versions that no version meets',
      "from: dev, to: prod, when: cleared, tags: [{ semver: '>2 <1' }]",
      'sync[0].tags[0].semver is a range that no version lies in',
    ],
    [
      'an exclusion of nothing',
      'from: dev, to: prod, when: cleared, exclude: {}',
      'sync[0].exclude excludes nothing',
    ],
    [
      'the newest by a date that the source does not list',
      'from: dev, to: prod, when: cleared, newest: { count: 3, by: updated }',
      'sync[0].newest cannot be by: updated, since dev does not list',
    ],
    [
      'platforms without a word about the digest',
      'from: prod, to: dev, when: pushed, platforms: { keep: [linux/amd64] }',
      'sync[0].platforms.changeDigest must be true',
    ],
    [
      'platforms of an image that was decided on as a whole',
      'from: dev, to: prod, when: approved, platforms: { keep: [linux/amd64], changeDigest: true }',
      'sync[0].platforms makes another image than the one that was approved',
    ],
    ['no target', 'from: dev, to: [], when: cleared', 'sync[0].to is empty: name a registry'],
    [
      'a target that is named twice',
      'from: vendor, to: [prod, guarded, prod], when: cleared',
      'sync[0].to[2] is named a second time',
    ],
    [
      'one target of several that does not exist',
      'from: vendor, to: [prod, prd], when: cleared',
      'sync[0].to[1] must be the name of a registry of this file',
    ],
    [
      'one target of several that nothing guards',
      'from: vendor, to: [guarded, dev], when: pushed',
      'sync[0].when lets every image that is pushed to vendor up to dev',
    ],
    [
      'a bound on deletions that never happen',
      'from: prod, to: dev, when: pushed, maxDeletesPerHour: 5',
      'sync[0].maxDeletesPerHour bounds nothing: add delete: mirror',
    ],
    [
      'deletions of what somebody approved',
      'from: dev, to: prod, when: approved, delete: mirror',
      'sync[0].delete may not be mirror where images are approved',
    ],
    [
      'deletions where a tag of the target may stand for several of the source',
      "from: prod, to: dev, when: pushed, delete: mirror, as: 'all:{tag}'",
      'sync[0].as must have {repository} once before the colon',
    ],
    [
      'an import into a registry that cannot',
      'from: vendor, to: dev, when: cleared, method: import',
      'sync[0].method needs dev to be an acr with a resourceId and an identity',
    ],
  ])('refuses %s', (_, text, problem) => {
    expect(problemsOf(rule(text)).join('\n')).toContain(problem);
  });

  it('refuses an import from an identity whose registry has no resource id', () => {
    const without = registries.replace(
      'host: vendor.azurecr.io,',
      'host: vendor.azurecr.io, credentials: { identity: workload },',
    );

    expect(problemsOf(rule('from: vendor, to: prod, when: cleared, method: import'), without)).toEqual([
      expect.stringContaining('sync[0].method needs a resourceId at vendor'),
    ]);
    expect(problemsOf(rule('from: vendor, to: prod, when: cleared, method: import'))).toEqual([]);
  });

  it('refuses two rules of one name', () => {
    const text = rule('from: dev, to: prod, when: cleared');

    expect(problemsOf(text + text)).toEqual([
      expect.stringContaining('sync[1].name is used by an earlier rule'),
    ]);
  });

  it('refuses rules that would copy for ever, with an example', () => {
    const rules =
      "  - { name: up, from: dev, to: prod, repositories: ['**'], when: approved, as: 'from-dev/{repository}:{tag}' }\n" +
      "  - { name: down, from: prod, to: dev, repositories: ['**'], when: pushed }\n";

    expect(problemsOf(rules)).toEqual([
      expect.stringMatching(
        /^sync\[\d\]\.as would copy for ever, .*: dev \S+ → prod from-dev\/\S+ → dev from-dev\//,
      ),
    ]);
  });

  it('refuses deletions in a round of rules, where what is new looks left over', () => {
    const rules =
      '  - { name: up, from: dev, to: prod, repositories: [app], when: cleared }\n' +
      '  - { name: down, from: prod, to: dev, repositories: [app], when: pushed, delete: mirror }\n';

    expect(problemsOf(rules)).toEqual([
      expect.stringContaining('sync[1].delete may not be mirror in a round of rules'),
    ]);
  });

  it('takes a regular expression in a round that renames for one that matches', () => {
    const rules =
      "  - { name: up, from: dev, to: prod, repositories: { regex: 'x' }, when: cleared, as: 'dev/{repository}:{tag}' }\n" +
      "  - { name: down, from: prod, to: dev, repositories: ['**'], when: pushed }\n";
    const excluding = rules.replace('when: cleared,', "exclude: { repositories: 'dev/**' }, when: cleared,");

    expect(problemsOf(rules)).toEqual([expect.stringContaining('.as may copy for ever')]);
    expect(problemsOf(excluding)).toEqual([]);
  });

  it('reads a list of one without its brackets, and a number of newest tags as a number of versions', () => {
    const text = `${messaging}${registries}sync:\n${rule("from: dev, to: prod, when: cleared, tags: { semver: '>=1' }, newest: 3")}`;

    expect(parseConfig({ file: 'pratique.yaml', text }, SyncConfig).sync).toMatchObject([
      { to: ['prod'], tags: [{ semver: '>=1' }], newest: { count: 3, by: 'version' } },
    ]);
  });

  it('sees through two names of one host', () => {
    const twice = `${registries}  - { name: again, kind: distribution, host: dev.example.com, trust: development }\n`;
    const round = "from: dev, to: again, when: pushed, as: 'x/{repository}:{tag}'";

    expect(problemsOf(rule(round), twice)).toEqual([expect.stringContaining('would copy for ever')]);
  });

  describe('with a list of levels', () => {
    it('wants a level of every registry', () => {
      expect(problemsOf('  []', registries.replace(', trust: external', ''))).toEqual([
        'registries[0].trust is missing: add one of the levels external, development, production',
      ]);
    });

    it('refuses a level that is not in the list', () => {
      expect(problemsOf('  []', registries.replace('trust: external }', 'trust: extern }'))).toEqual([
        'registries[0].trust must be one of the levels external, development, production',
      ]);
    });

    it('refuses a level that is named twice', () => {
      expect(problemsOf('  []', registries.replace('[external,', '[production, external,'))).toContainEqual(
        expect.stringContaining('trust[3] names "production" a second time'),
      );
    });
  });

  it('refuses levels without a list that orders them', () => {
    const without = registries.replace(/trust: \[.*\]\n/, '');

    expect(problemsOf(rule('from: vendor, to: prod, when: pushed'), without)).toContainEqual(
      expect.stringContaining('registries[0].trust names a level, but the file has no list of levels'),
    );
  });

  it('knows no way up where nobody is trusted more than anybody', () => {
    const plain = registries.replace(/trust: \[.*\]\n/, '').replace(/,? ?trust: \w+/g, '');

    expect(problemsOf(rule('from: vendor, to: prod, when: pushed'), plain)).toEqual([]);
  });
});
