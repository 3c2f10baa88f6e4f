import { childTraceparent, newTraceparent, Traceparent } from './trace-context.js';

describe('contracts/trace-context', () => {
  it('starts traces that are valid and differ', () => {
    const [one, other] = [newTraceparent(), newTraceparent()];

    expect(Traceparent.safeParse(one).success).toBe(true);
    expect(one).not.toBe(other);
  });

  it('continues a trace: same trace and flags, a new parent', () => {
    const parent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`;

    const child = childTraceparent(parent);

    expect(child).toMatch(new RegExp(`^00-1{32}-[0-9a-f]{16}-00$`));
    expect(child).not.toBe(parent);
  });

  it.each([
    undefined,
    '',
    'garbage',
    `00-${'0'.repeat(32)}-${'2'.repeat(16)}-01`,
    `ff-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
  ])('starts a trace of its own after %s', (parent) => {
    expect(Traceparent.safeParse(childTraceparent(parent)).success).toBe(true);
  });
});
