import { z } from 'zod';
import { boundedList } from './bounded-list.js';

describe('registries/bounded-list', () => {
  it('takes a list within its bounds, and looks at its elements', () => {
    const list = boundedList(z.string(), { min: 1, max: 2 });

    expect(list.parse(['a', 'b'])).toEqual(['a', 'b']);
    for (const wrong of [[], ['a', 'b', 'c'], [1], 'a']) expect(list.safeParse(wrong).success).toBe(false);
  });

  it('looks at no element of a list that is too long', () => {
    const element = jest.fn(() => true);

    expect(boundedList(z.string().refine(element), { max: 1 }).safeParse(['a', 'b']).success).toBe(false);
    expect(element).not.toHaveBeenCalled();
  });
});
