import { RegistryName } from '@pratique/contracts';
import { NoteRestarts } from './note-restarts.js';

const vendor = RegistryName.parse('vendor');
const other = RegistryName.parse('other');

describe('sync/reconcile/note-restarts', () => {
  it('notices a second instance of a registry, once', () => {
    const restarts = new NoteRestarts();
    const heard = ['a', 'a', 'b', 'a', 'b', 'c'].map((senderInstance) =>
      restarts.isNews({ registry: vendor, senderInstance }),
    );

    expect(heard).toEqual([false, false, true, false, false, true]);
  });

  it('tells registries apart, and hears nothing in senders that have no instance', () => {
    const restarts = new NoteRestarts();
    restarts.isNews({ registry: vendor, senderInstance: 'a' });

    expect(restarts.isNews({ registry: other, senderInstance: 'b' })).toBe(false);
    expect(restarts.isNews({ registry: vendor })).toBe(false);
  });
});
