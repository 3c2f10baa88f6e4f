import * as fc from 'fast-check';

import type { FilterableMessage, PropertyValue, SystemField } from '../message.js';
import { FilterError } from './filter-error.js';
import { compileSqlFilter } from './sql-filter.js';

function message(
  application: Record<string, PropertyValue>,
  system: Partial<Record<SystemField, PropertyValue>> = {},
): FilterableMessage {
  return { system, application: new Map(Object.entries(application)) };
}

const sample = message(
  {
    cloudEvents_type: 'io.pratique.image.pushed.v1',
    Region: 'eu',
    size: 42,
    price: 9.5,
    big: 9_007_199_254_740_993n,
    urgent: true,
    nothing: null,
    'with space': 'yes',
    when: new Date(5),
  },
  { subject: 'team/app:1.0', messageId: 'm-1', correlationId: 'c-1', contentType: 'application/json' },
);

function errorOf(sql: string): FilterError | undefined {
  try {
    compileSqlFilter(sql);
    return undefined;
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
}

describe('engine/filter/sql-filter', () => {
  it.each([
    "cloudEvents_type = 'io.pratique.image.pushed.v1'",
    "user.cloudEvents_type LIKE 'io.pratique.image.%'",
    "region = 'eu'",
    "[with space] = 'yes'",
    '"with space" = \'yes\'',
    "'eu' = region",
    'size = 42',
    'size = 42.0',
    'size <> 41 AND size != 41',
    'size > 41 AND size >= 42 AND size < 43 AND size <= 42',
    'size > -1',
    'price = 9.5 AND price = 95e-1',
    'big = 9007199254740993 AND big <> 9007199254740992',
    'urgent = TRUE AND urgent <> false',
    "sys.Label = 'team/app:1.0' AND sys.subject = sys.label",
    "sys.MessageId = 'm-1' and SYS.correlationid = 'c-1'",
    "sys.ContentType LIKE '%/json'",
    "size IN (1, 42, 'x')",
    "region NOT IN ('us', 'asia')",
    "region NOT LIKE 'u_'",
    "region LIKE '_u' AND region LIKE '%' AND region LIKE 'e%u'",
    'nothing IS NULL AND missing IS NULL AND size IS NOT NULL',
    'EXISTS(size) AND EXISTS(nothing) AND NOT EXISTS(missing)',
    "NOT (region = 'us' OR size = 1)",
    "region = 'us' AND size = 1 OR urgent = TRUE",
    'when = when',
    '1 = 1',
    "'it''s' = 'it''s'",
  ])('takes a message for which this holds: %s', (sql) => {
    expect(compileSqlFilter(sql)(sample)).toBe(true);
  });

  it.each([
    "region = 'EU'",
    'size = 43',
    "size = '42'",
    'urgent = 1',
    'urgent > FALSE',
    'when = 5',
    '1 = 0',
    "region = 'us' AND (size = 1 OR urgent = TRUE)",
    "sys.To = 'x'",
    'big = 9007199254740992',
  ])('leaves a message for which this does not hold: %s', (sql) => {
    expect(compileSqlFilter(sql)(sample)).toBe(false);
  });

  it.each([
    "missing = 'x'",
    "NOT (missing = 'x')",
    "missing <> 'x'",
    "missing IN ('x')",
    "missing NOT IN ('x')",
    "missing LIKE '%'",
    "missing NOT LIKE '%'",
    'nothing = nothing',
    'nothing <> 1',
    "NOT (size = 'text')",
    "region NOT IN ('us', missing)",
    "missing = 'x' AND size = 42",
    "missing = 'x' OR size = 1",
  ])('leaves a message for which this is neither true nor false: %s', (sql) => {
    expect(compileSqlFilter(sql)(sample)).toBe(false);
  });

  it('needs only one side of OR to be true, and only one of AND to be false, whatever is unknown', () => {
    expect(compileSqlFilter("missing = 'x' OR size = 42")(sample)).toBe(true);
    expect(compileSqlFilter("NOT (missing = 'x' AND size = 1)")(sample)).toBe(true);
  });

  it.each([
    ['', 'syntax'],
    ['size', 'syntax'],
    ['size =', 'syntax'],
    ['= 1', 'syntax'],
    ['size = 1 size', 'syntax'],
    ['(size = 1', 'syntax'],
    ['size = 1)', 'syntax'],
    ['size IN ()', 'syntax'],
    ['size IN 1', 'syntax'],
    ['region LIKE 1', 'syntax'],
    ['region LIKE other', 'syntax'],
    ["region = 'open", 'syntax'],
    ['size IS 1', 'syntax'],
    ['EXISTS(1)', 'syntax'],
    ['NULL = 1', 'syntax'],
    ['_x = 1', 'syntax'],
    ['a.b.c = 1', 'syntax'],
    ['team.size = 1', 'syntax'],
    ['sys.NoSuchThing = 1', 'syntax'],
    ['sys.SequenceNumber > 1', 'not-implemented'],
    ['size + 1 = 43', 'not-implemented'],
    ['-size = 1', 'not-implemented'],
    ['newid() = 1', 'not-implemented'],
    ['size = @size', 'not-implemented'],
    [`a = '${'x'.repeat(1024)}'`, 'too-large'],
    [`${'('.repeat(33)}1 = 1${')'.repeat(33)}`, 'too-large'],
    [`${'NOT '.repeat(33)}1 = 1`, 'too-large'],
  ])('refuses %s as %s', (sql, code) => {
    expect(errorOf(sql)).toMatchObject({ code });
  });

  it('says where a filter is wrong', () => {
    expect(errorOf("region = 'eu' size")?.message).toBe("Unexpected 'size' at position 15 of the filter.");
  });

  it('answers any text with a filter or a FilterError, and evaluates without failing', () => {
    const word = fc.constantFrom(
      ..."( ) , . = <> < > - + * @ ' NOT AND OR IN LIKE IS NULL EXISTS ESCAPE TRUE 1 2.5 size sys Label 'x' \"y\" [z]".split(
        ' ',
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word, { maxLength: 20 }).map((words) => words.join(' ')),
        ),
        (sql) => {
          if (errorOf(sql) === undefined) expect(typeof compileSqlFilter(sql)(sample)).toBe('boolean');
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('gives NOT, AND and OR the meaning they have with three truth values', () => {
    const conditions = ['size = 42', 'size = 1', 'missing = 1'] as const;
    const truths: Record<(typeof conditions)[number], boolean | undefined> = {
      'size = 42': true,
      'size = 1': false,
      'missing = 1': undefined,
    };
    const rank = (truth: boolean | undefined): number => (truth === undefined ? 1 : truth ? 2 : 0);
    for (const left of conditions) {
      for (const right of conditions) {
        const [a, b] = [rank(truths[left]), rank(truths[right])];
        expect(compileSqlFilter(`${left} AND ${right}`)(sample)).toBe(Math.min(a, b) === 2);
        expect(compileSqlFilter(`${left} OR ${right}`)(sample)).toBe(Math.max(a, b) === 2);
        expect(compileSqlFilter(`NOT (${left} AND ${right})`)(sample)).toBe(Math.min(a, b) === 0);
        expect(compileSqlFilter(`NOT (${left} OR ${right})`)(sample)).toBe(Math.max(a, b) === 0);
      }
    }
  });
});
