import { Slots } from './slots.js';

describe('messaging/slots', () => {
  it('lets so many in, and the next in line when one leaves', async () => {
    const slots = new Slots(2);
    const inside: string[] = [];
    const enter = async (name: string): Promise<void> => {
      await slots.enter();
      inside.push(name);
    };
    const last = [enter('a'), enter('b'), enter('c'), enter('d')].at(-1);
    await Promise.resolve();
    expect(inside).toEqual(['a', 'b']);
    slots.leave();
    slots.leave();
    await last;
    expect(inside).toEqual(['a', 'b', 'c', 'd']);
  });

  it('lets somebody leave the line, and the next one in', async () => {
    const slots = new Slots(1);
    await slots.enter();
    const impatience = new AbortController();
    const [impatient, patient] = [slots.enter(impatience.signal), slots.enter()];
    impatience.abort(new Error('it takes too long'));
    await expect(impatient).rejects.toThrow('it takes too long');
    slots.leave();
    await expect(patient).resolves.toBeUndefined();
  });
});
