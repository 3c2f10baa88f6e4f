import { PartInbox } from './part-inbox.js';

const piece = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));

describe('scan/isolation/part-inbox', () => {
  it('hands pieces out in order, those that come later too', async () => {
    const inbox = new PartInbox(() => undefined);
    inbox.put(piece('a'));
    const read = textsOf(inbox);
    inbox.put(piece('bc'));
    inbox.end();

    expect(await read).toEqual(['a', 'bc']);
  });

  it('gives the memory of a piece back before its bytes are used, which are a copy', async () => {
    const back: ArrayBuffer[] = [];
    const inbox = new PartInbox((memory) => back.push(memory));
    const { buffer } = piece('first');
    inbox.put(new Uint8Array(buffer, 1, 3));
    inbox.end();

    for await (const bytes of inbox) {
      expect(back).toEqual([buffer]);
      buffer.transfer(0);
      expect(bytes.toString()).toBe('irs');
    }
    expect(back).toHaveLength(1);
  });

  it('makes no new memory for each piece', async () => {
    const inbox = new PartInbox(() => undefined);
    for (const text of ['a', 'b', 'c']) inbox.put(piece(text));
    inbox.end();
    const memories = new Set<ArrayBufferLike>();

    for await (const { buffer } of inbox) memories.add(buffer);

    expect(memories.size).toBe(1);
  });

  it('fails as it is told to, and hands out nothing more', async () => {
    const failure = new Error('no longer wanted');
    const inbox = new PartInbox(() => undefined);
    inbox.put(piece('a'));
    inbox.fail(failure);

    await expect(textsOf(inbox)).rejects.toBe(failure);
  });
});

async function textsOf(inbox: PartInbox): Promise<string[]> {
  const texts: string[] = [];
  for await (const bytes of inbox) texts.push(bytes.toString());
  return texts;
}
