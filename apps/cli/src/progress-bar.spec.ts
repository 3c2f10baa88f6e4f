import { progressBar } from './progress-bar.js';

describe('cli/progress-bar', () => {
  let now: number;
  let written: string[];

  const start = (isTerminal: boolean, total?: number) => {
    now = 0;
    written = [];
    const terminal = {
      out: () => undefined,
      err: (text: string) => void written.push(text),
      isTerminal,
      ask: undefined,
      now: () => now,
    };
    return progressBar(terminal, { label: 'replayed', total });
  };

  it('draws one bar over and over on a terminal, and takes it away', () => {
    const progress = start(true, 4);
    progress.at(1);
    now = 200;
    progress.at(4);
    progress.end();
    expect(written).toEqual([
      '\r\u001b[K[######..................] 1 of 4 replayed',
      '\r\u001b[K[########################] 4 of 4 replayed',
      '\r\u001b[K',
    ]);
  });

  it('does not draw more often than anybody could see', () => {
    const progress = start(true, 1_000);
    for (let done = 0; done < 1_000; done += 1, now += 1) progress.at(done);
    expect(written).toHaveLength(10);
  });

  it('writes a line every few seconds elsewhere, and none for what is quick', () => {
    const progress = start(false, 100);
    progress.at(1);
    now = 4_999;
    progress.at(50);
    expect(written).toEqual([]);
    now = 5_000;
    progress.at(60);
    progress.end();
    expect(written).toEqual(['replayed: 60 of 100\n']);
  });

  it('counts where the end is not known', () => {
    const progress = start(true);
    progress.at(7);
    expect(written).toEqual(['\r\u001b[K7 replayed']);
  });
});
