// Removes what earlier builds left: a file that was renamed in the sources must not live on in dist/.
import { rmSync } from 'node:fs';

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
