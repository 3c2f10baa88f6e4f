import type { FilterableMessage } from '../message.js';
import { compileCorrelationFilter } from './correlation-filter.js';

const message: FilterableMessage = {
  system: { subject: 's', messageId: 'm', correlationId: 'c', to: 't', contentType: 'text/plain' },
  application: new Map<string, string | number>([
    ['cloudEvents_type', 'pushed'],
    ['count', 3],
    ['subject', 'another'],
  ]),
};

describe('engine/filter/correlation-filter', () => {
  it.each([
    {},
    { subject: 's' },
    { label: 's', messageId: 'm', correlationId: 'c', to: 't', contentType: 'text/plain' },
    { cloudEvents_type: 'pushed', count: 3 },
    { subject: 's', applicationProperties: { subject: 'another', cloudEvents_type: 'pushed' } },
  ])('takes a message that equals every field: %j', (fields) => {
    expect(compileCorrelationFilter(fields)(message)).toBe(true);
  });

  it.each([
    { subject: 'S' },
    { subject: 's', messageId: 'other' },
    { cloudevents_type: 'pushed' },
    { count: '3' },
    { replyTo: 'x' },
    { missing: 'x' },
    { applicationProperties: { subject: 's' } },
  ])('leaves a message that differs in one field: %j', (fields) => {
    expect(compileCorrelationFilter(fields)(message)).toBe(false);
  });

  it('refuses a value that no message can equal', () => {
    expect(() => compileCorrelationFilter({ tags: ['a'] })).toThrow(
      "'tags' must be text, a number, a boolean or a date",
    );
  });
});
