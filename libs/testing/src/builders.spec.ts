import { Outcome, outcomeSchemas, RegistryEvent, type OutcomeKind } from '@pratique/contracts';
import {
  anImageApproved,
  anImageCleared,
  anImageDeleted,
  anImagePushed,
  anImageQuarantined,
  anOutcome,
} from './builders.js';

describe('testing/builders', () => {
  it.each([anImagePushed(), anImageDeleted(), anImageQuarantined(), anImageCleared(), anImageApproved()])(
    'builds an event that its contract accepts: $type',
    (event) => {
      expect(RegistryEvent.parse(event)).toEqual(event);
    },
  );

  it.each(Object.keys(outcomeSchemas) as OutcomeKind[])(
    'builds an outcome that its contract accepts: %s',
    (kind) => {
      const outcome = anOutcome(kind);
      expect(Outcome.parse(outcome)).toEqual(outcome);
    },
  );

  it('takes what the test cares about', () => {
    const pushed = anImagePushed({ repository: 'other/app', digest: undefined });
    expect(pushed.data).toMatchObject({ repository: 'other/app' });
    expect(pushed.data.digest).toBeUndefined();
  });

  it('refuses what the contract refuses', () => {
    expect(() => anImagePushed({ repository: 'NOT A NAME' })).toThrow('repository');
  });
});
