import {
  decidedRegistryEvent,
  digestOf,
  heardRegistryEvent,
  type RegistryEvent,
  RegistryName,
  RepositoryName,
  Tag,
} from '@pratique/contracts';
import fc from 'fast-check';
import { SyncRule } from './sync-rule.js';
import { compileRules, planCopies, type SyncPlan } from './sync-plan.js';
import type { z } from 'zod';

type RuleText = z.input<typeof SyncRule>;

const digest = digestOf('image');

function planOf(event: RegistryEvent, ...rules: Partial<RuleText>[]): SyncPlan {
  const texts = rules.map((rule, index) => ({
    name: `rule-${index}`,
    from: 'vendor',
    to: 'customer',
    repositories: ['**'],
    when: 'pushed' as const,
    ...rule,
  }));
  return planCopies(event, compileRules(texts.map((text) => SyncRule.parse(text))));
}

interface EventText {
  registry?: string;
  repository?: string;
  tag?: string | undefined;
}

function heard(name: 'pushed' | 'deleted' | 'quarantined', text: EventText = {}): RegistryEvent {
  const { registry = 'vendor', repository = 'tripinsights/web' } = text;
  const tag = 'tag' in text ? text.tag : '1.2';
  return heardRegistryEvent({
    name,
    identity: ['delivery-1'],
    data: {
      registry: RegistryName.parse(registry),
      repository: RepositoryName.parse(repository),
      ...(tag !== undefined && { tag: Tag.parse(tag) }),
      digest,
      occurredAt: '2026-11-22T10:00:00Z',
      receivedAt: '2026-11-22T10:00:01Z',
    },
  });
}

function decided(name: 'cleared' | 'approved', text: EventText = {}): RegistryEvent {
  const { data, ...cause } = heard('pushed', text);
  return decidedRegistryEvent(name, { ...cause, data } as RegistryEvent, {
    ...data,
    digest,
    decidedBy: 'somebody',
  });
}

describe('sync/sync-plan', () => {
  it('plans a copy under the same name, with everything that the rule says', () => {
    expect(planOf(heard('pushed'), { repositories: ['tripinsights/*'] })).toEqual({
      copies: [
        {
          rule: 'rule-0',
          source: { registry: 'vendor', repository: 'tripinsights/web', tag: '1.2' },
          target: { registry: 'customer', repository: 'tripinsights/web', tag: '1.2' },
          referrers: true,
          method: 'auto',
        },
      ],
      refused: [],
    });
  });

  it('plans one copy for every rule that matches', () => {
    const plan = planOf(
      heard('pushed'),
      { to: 'customer' },
      { to: 'archive', as: 'vendor/{repository}:{tag}' },
    );

    expect(plan.copies.map(({ target }) => `${target.registry} ${target.repository}`)).toEqual([
      'customer tripinsights/web',
      'archive vendor/tripinsights/web',
    ]);
  });

  it('says nothing of an event whose registry is the source of no rule, whatever else it names', () => {
    expect(planOf(heard('pushed', { registry: 'elsewhere' }), {})).toEqual({ copies: [], refused: [] });
  });

  it.each([
    ['tripinsights/*', 'tripinsights/web', true],
    ['tripinsights/*', 'tripinsights/web/cache', false],
    ['tripinsights/**', 'tripinsights/web/cache', true],
    ['tripinsights/*', 'tripinsights', false],
    ['tripinsights/*', 'tripinsights2/web', false],
    ['tripinsights/*', 'x/tripinsights/web', false],
    ['*', 'web', true],
    ['*', 'team/web', false],
    ['**', 'team/web', true],
    ['**/web', 'team/a/web', true],
    ['team-?/web', 'team-a/web', true],
    ['team-?/web', 'team-ab/web', false],
    ['a.b/web', 'axb/web', false],
  ])('the pattern %s on the repository %s: %s', (pattern, repository, matches) => {
    expect(planOf(heard('pushed', { repository }), { repositories: [pattern] }).copies).toHaveLength(
      matches ? 1 : 0,
    );
  });

  it.each([
    [['*'], '1.2', true],
    [['1.*'], '1.2-alpine', true],
    [['1.*'], '2.1', false],
    [['latest', 'v*'], 'v1', true],
    [['latest', 'v*'], 'sha256-abc.sig', false],
  ])('the patterns %j on the tag %s: %s', (tags, tag, matches) => {
    expect(planOf(heard('pushed', { tag }), { tags }).copies).toHaveLength(matches ? 1 : 0);
  });

  it.each(['pushed', 'cleared', 'approved'] as const)(
    'waits for the event that the rule names: %s',
    (when) => {
      const events = [
        heard('pushed'),
        decided('cleared'),
        decided('approved'),
        heard('deleted'),
        heard('quarantined'),
      ];
      const taken = events.filter((event) => planOf(event, { when }).copies.length > 0);

      expect(taken.map(({ type }) => type)).toEqual([`io.pratique.image.${when}.v1`]);
    },
  );

  it('holds a copy after a decision to the image that was decided on, and one after a push to none', () => {
    expect(planOf(decided('cleared'), { when: 'cleared' }).copies[0]?.decided).toBe(digest);
    expect(planOf(decided('approved'), { when: 'approved' }).copies[0]?.decided).toBe(digest);
    expect(planOf(heard('pushed'), {}).copies[0]).not.toHaveProperty('decided');
  });

  it('says for every rule why it does not apply', () => {
    const plan = planOf(
      heard('pushed'),
      { repositories: ['bicep/**', 'charts/*'] },
      { tags: ['2.*'] },
      { when: 'approved' },
      { as: `${'x'.repeat(245)}/{repository}:{tag}` },
    );

    expect(plan).toEqual({
      copies: [],
      refused: [
        { rule: 'rule-0', code: 'repository', reason: 'takes the repositories bicep/**, charts/*' },
        { rule: 'rule-1', code: 'tag', reason: 'takes the tags 2.*' },
        {
          rule: 'rule-2',
          code: 'other-event',
          reason: 'waits until an image is approved, and this one was pushed',
        },
        {
          rule: 'rule-3',
          code: 'target-name',
          reason: expect.stringContaining('is longer than 255 characters') as string,
        },
      ],
    });
  });

  it('leaves an image without a tag to what lists it', () => {
    expect(planOf(heard('pushed', { tag: undefined }), {}).refused).toMatchObject([{ code: 'no-tag' }]);
  });

  it('names the first few of many patterns', () => {
    const repositories = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((letter) => `${letter}/*`);

    expect(planOf(heard('pushed'), { repositories }).refused[0]?.reason).toBe(
      'takes the repositories a/*, b/*, c/*, d/*, e/* and 3 more',
    );
  });

  it('always accounts for every rule of the registry, and only ever copies between the two that the rule names', () => {
    const pattern = fc.constantFrom('**', '*', 'team/*', 'team/**', '**/web', 'a?c');
    const rule = fc.record({
      from: fc.constantFrom('vendor', 'other'),
      to: fc.constantFrom('customer', 'archive'),
      repositories: fc.array(pattern, { minLength: 1, maxLength: 3 }),
      tags: fc.array(fc.constantFrom('*', '1.*', 'latest'), { minLength: 1, maxLength: 2 }),
      when: fc.constantFrom('pushed' as const, 'cleared' as const, 'approved' as const),
      as: fc.constantFrom('{repository}:{tag}', 'mirror/{repository}:{tag}-m', 'fixed:{tag}'),
    });
    const event = fc
      .record({
        repository: fc.stringMatching(/^[a-z]{1,4}(\/[a-z]{1,4}){0,2}$/),
        tag: fc.constantFrom('1.2', 'latest', 'x', undefined),
        kind: fc.constantFrom('pushed' as const, 'cleared' as const, 'approved' as const, 'deleted' as const),
      })
      .map(({ kind, ...text }) =>
        kind === 'cleared' || kind === 'approved' ? decided(kind, text) : heard(kind, text),
      );

    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), event, (rules, heardEvent) => {
        const { copies, refused } = planOf(heardEvent, ...rules);
        const names = [...copies, ...refused].map(({ rule: name }) => name).sort();

        expect(names).toEqual(
          rules.flatMap(({ from }, index) => (from === 'vendor' ? [`rule-${index}`] : [])).sort(),
        );
        for (const { rule: name, source, target } of copies) {
          expect(source).toMatchObject({ registry: 'vendor', repository: heardEvent.data.repository });
          expect(target.registry).toBe(rules[Number(name.slice(5))]?.to);
          expect(RepositoryName.safeParse(target.repository).success).toBe(true);
          expect(Tag.safeParse(target.tag).success).toBe(true);
        }
      }),
    );
  });
});
