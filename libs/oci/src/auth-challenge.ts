/**
 * What a registry answers to a request without, or with too little, authorization.
 * https://distribution.github.io/distribution/spec/auth/token/
 */
export type AuthChallenge =
  | {
      scheme: 'bearer';
      /** Where tokens are handed out. Checked by the client before any token source sees it. */
      realm: string;
      service: string | undefined;
      /** What the refused request would have needed, such as `repository:a/b:pull`. */
      scopes: string[];
    }
  | { scheme: 'basic'; realm: string };

/** Real challenges are a few hundred bytes; nothing longer is read. */
const maxChallengeLength = 8 * 1024;
const maxParameters = 64;

interface ParsedChallenge {
  scheme: string;
  parameters: Map<string, string>;
}

/**
 * Picks the challenge to answer from a `WWW-Authenticate` header: Bearer before Basic, since the token is worth less.
 *
 * @returns undefined when there is none that could be answered
 */
export function readAuthChallenge(header: string | string[] | undefined): AuthChallenge | undefined {
  const text = Array.isArray(header) ? header.join(', ') : header;
  if (text === undefined || text.length > maxChallengeLength) return undefined;
  const challenges = parseChallenges(text);
  const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'));
  if (bearer !== undefined) return bearerChallenge(bearer);
  const basic = challenges.find(({ scheme }) => scheme === 'basic');
  return basic && { scheme: 'basic', realm: basic.parameters.get('realm') ?? '' };
}

function bearerChallenge({ parameters }: ParsedChallenge): AuthChallenge {
  return {
    scheme: 'bearer',
    realm: parameters.get('realm') ?? '',
    service: parameters.get('service'),
    scopes: (parameters.get('scope') ?? '').split(' ').filter((scope) => scope !== ''),
  };
}

/** RFC 9110, section 11.6.1: schemes, each with comma-separated parameters or one opaque token68. */
function parseChallenges(text: string): ParsedChallenge[] {
  const scan = new HeaderScanner(text);
  const challenges: ParsedChallenge[] = [];
  for (;;) {
    scan.take(/[\s,]*/y);
    const scheme = scan.take(/[!#$%&'*+.^_`|~0-9A-Za-z-]+/y)?.[0];
    if (scheme === undefined) return challenges;
    challenges.push({ scheme: scheme.toLowerCase(), parameters: takeParameters(scan) });
  }
}

function takeParameters(scan: HeaderScanner): Map<string, string> {
  const parameters = new Map<string, string>();
  scan.take(/[ \t]+[A-Za-z0-9\-._~+/]+=*[ \t]*(?=,|$)/y);
  while (parameters.size < maxParameters) {
    const parameter = scan.take(
      /[\s,]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/y,
    );
    if (parameter === undefined) return parameters;
    const [, name = '', quoted, plain = ''] = parameter;
    // The first of two wins: a second realm must not replace the one that was read.
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, quoted?.replaceAll(/\\(.)/g, '$1') ?? plain);
  }
  return parameters;
}

class HeaderScanner {
  private position = 0;

  constructor(private readonly text: string) {}

  /** Takes what a sticky expression matches here, or nothing. */
  take(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.position;
    const match = expression.exec(this.text);
    if (match === null) return undefined;
    this.position = expression.lastIndex;
    return match;
  }
}
