import { digestOf } from '@pratique/contracts';
import { anImageCleared, anImagePushed } from '@pratique/testing';
import type { SyncResult } from './sync-image.js';
import { mayBeTooEarly } from './too-early.js';

const told = digestOf('told');
const other = digestOf('other');
const gone: SyncResult = { did: 'nothing', why: 'image-gone' };
const present = (digest: typeof told): SyncResult => ({
  did: 'nothing',
  why: 'already-present',
  digest,
  at: digest,
});

describe('sync/too-early', () => {
  const pushed = anImagePushed({ digest: told });

  it.each([
    { when: 'the tag names nothing yet', event: pushed, result: gone, attempt: 1, early: true },
    {
      when: 'the tag still names what it named before',
      event: pushed,
      result: present(other),
      attempt: 1,
      early: true,
    },
    { when: 'the tag names what was told', event: pushed, result: present(told), attempt: 1, early: false },
    { when: 'it has been looked at again', event: pushed, result: gone, attempt: 2, early: false },
    {
      when: 'it names something else for good',
      event: pushed,
      result: present(other),
      attempt: 2,
      early: false,
    },
    {
      when: 'the decision came long after the push',
      event: anImageCleared({ digest: told }),
      result: gone,
      attempt: 1,
      early: false,
    },
  ])('is $early when $when', ({ event, result, attempt, early }) => {
    expect(mayBeTooEarly(event, result, attempt)).toBe(early);
  });
});
