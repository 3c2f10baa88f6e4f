import { parentPort } from 'node:worker_threads';
import { servePartsOn } from './serve-parts.js';

// What runs in a reading thread. It has no credentials, no connection and no environment: bytes come in, findings go out.
if (parentPort === null) throw new Error('This is the code of a reading thread, and starts in one only.');
servePartsOn(parentPort);
