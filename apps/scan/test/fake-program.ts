import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FakeScanner, ScannerBehaviour } from '../src/scanners/scanner.contract.js';

export interface FakeProgram extends FakeScanner {
  path: string;
  /** What it was started with, in order. */
  arguments(): string;
  /** Of the process that it left hanging. */
  hangingPid(): number | undefined;
}

/**
 * Writes a program that prints what a scanner would, or goes wrong as one does. It is a shell script, so that it is a real
 * process with a real pipe, and starts at once.
 *
 * @param answers what it prints, by the first of its arguments that is a key; `$IMAGE` is its last argument
 */
export function fakeProgram(
  kind: 'trivy' | 'grype',
  behaviour: ScannerBehaviour,
  answers: Readonly<Record<string, string>>,
): FakeProgram {
  const folder = mkdtempSync(join(tmpdir(), 'pratique-fake-'));
  const path = join(folder, kind);
  const cases = Object.entries(answers).map(([argument, answer], index) => {
    writeFileSync(join(folder, `answer-${index}`), answer);
    return `${argument}) sed -e "s|{image}|$IMAGE|g" -e "s|{digest}|\${IMAGE##*@}|g" '${folder}/answer-${index}' ;;`;
  });
  const script = [
    '#!/bin/sh',
    `printf '%s\\n' "$*" >> '${folder}/arguments'`,
    'for IMAGE; do :; done',
    'IMAGE="${IMAGE#registry:}"',
    // The version is told by a program of any behaviour.
    `if [ "$1" != version ]; then\n${misbehave(behaviour, folder)}\nfi`,
    // What it is to read lies in its folder.
    '[ "${IMAGE##*:}" != sbom.json ] || [ -s sbom.json ] || exit 65',
    `case "$1" in\n${cases.join('\n')}\n*) exit 64 ;;\nesac`,
  ];
  writeFileSync(path, `${script.join('\n')}\n`);
  chmodSync(path, 0o755);
  const read = (name: string): string | undefined =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : undefined;
  return {
    path,
    settings: { kind, path, cacheFolder: folder },
    arguments: () => read('arguments') ?? '',
    hangingPid: () => Number(read('pid')) || undefined,
    stop: () => {
      rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  };
}

function misbehave(behaviour: ScannerBehaviour, folder: string): string {
  switch (behaviour) {
    case 'hangs':
      // Deaf to requests to end, and with a child that holds the pipe open.
      return `trap '' TERM INT HUP\nsleep 600 &\necho $! > '${folder}/pid'\nwait\nsleep 600`;
    case 'dies':
      return 'echo "FATAL: out of luck with secret $TRIVY_REGISTRY_TOKEN$GRYPE_REGISTRY_AUTH_TOKEN" >&2\nkill -9 $$';
    case 'garbage':
      return 'echo "Segmentation fault? <html>"\nexit 0';
    case 'another-shape':
      return 'echo \'{"SchemaVersion": 1, "matches": 7}\'\nexit 0';
    case 'floods':
      // A gigabyte.
      return 'head -c 1073741824 /dev/zero\nexit 0';
    default:
      return ':';
  }
}
