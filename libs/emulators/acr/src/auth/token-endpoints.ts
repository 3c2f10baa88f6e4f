import type { Readable } from 'node:stream';

import { jsonReply, type Reply } from '../http/exchange.js';
import { readBody } from '../http/read-body.js';
import type { Registry } from '../registry/registry.js';
import { RegistryError } from '../registry/registry-error.js';
import type { RegistryRequest, RegistryRoute } from '../registry/registry-route.js';
import { parseScopes } from './access-scope.js';
import { parseBasicCredentials } from './basic-credentials.js';
import type { Identity } from './identity.js';

/** An Entra token takes a few kilobytes; a form with one fits in this many bytes. */
const maxFormBytes = 64 * 1024;

/** The token endpoints of https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md. */
export const tokenRoutes: readonly RegistryRoute[] = [
  { methods: ['POST'], pattern: /^\/oauth2\/exchange$/, access: () => 'open', handle: exchangeToken },
  { methods: ['POST'], pattern: /^\/oauth2\/token$/, access: () => 'open', handle: issueTokenByForm },
  { methods: ['GET'], pattern: /^\/oauth2\/token$/, access: () => 'open', handle: issueTokenByBasic },
];

/** Entra access token in, refresh token of this registry out. */
async function exchangeToken({ registry, exchange }: RegistryRequest): Promise<Reply> {
  const form = await readForm(exchange.body);
  // Azure also knows `access_token_refresh_token` and `refresh_token` here, for device sign-in.
  if (form.get('grant_type') !== 'access_token') throw badForm('The grant_type must be access_token.');
  requireService(form);
  const identity = registry.access.byEntraToken(form.get('access_token') ?? '');
  if (identity === undefined)
    throw notAuthenticated('The Entra access token is not valid for this registry.');
  return jsonReply(200, { refresh_token: registry.access.tokens.issueRefresh(identity.name) });
}

/** Refresh token, or user name and password, or nothing, in; access token out. */
async function issueTokenByForm({ registry, exchange }: RegistryRequest): Promise<Reply> {
  const form = await readForm(exchange.body);
  requireService(form);
  const identity = identityOfForm(registry, form);
  if (identity === undefined) throw notAuthenticated('The credentials are not valid for this registry.');
  return accessTokenReply(registry, identity, form.getAll('scope'));
}

/** Basic credentials, or none for anonymous pull, in; access token out. */
function issueTokenByBasic({ registry, exchange }: RegistryRequest): Reply {
  requireService(exchange.query);
  const { authorization } = exchange.headers;
  const basic = parseBasicCredentials(authorization);
  const identity = basic === undefined ? registry.access.anonymous() : registry.access.byPassword(basic);
  if (identity === undefined) throw notAuthenticated('The credentials are not valid for this registry.');
  return accessTokenReply(registry, identity, exchange.query.getAll('scope'));
}

function identityOfForm({ access }: Registry, form: URLSearchParams): Identity | undefined {
  const grantType = form.get('grant_type');
  if (grantType === 'refresh_token') return access.byRefreshToken(form.get('refresh_token') ?? '');
  if (grantType !== 'password') throw badForm('The grant_type must be refresh_token or password.');
  const [username, password] = [form.get('username'), form.get('password')];
  // The Azure SDK asks for an anonymous token by leaving both out.
  return username === null || password === null
    ? access.anonymous()
    : access.byPassword({ username, password });
}

function accessTokenReply({ access }: Registry, identity: Identity, scopes: readonly string[]): Reply {
  const token = access.issueAccess(identity, parseScopes(scopes));
  return jsonReply(200, { access_token: token }, { 'cache-control': 'no-store' });
}

async function readForm(body: Readable): Promise<URLSearchParams> {
  return new URLSearchParams((await readBody(body, maxFormBytes)).toString('utf8'));
}

function requireService(parameters: URLSearchParams): void {
  if ((parameters.get('service') ?? '') === '') throw badForm('The parameter service is missing.');
}

function badForm(message: string): RegistryError {
  return new RegistryError('UNSUPPORTED', message, { status: 400 });
}

function notAuthenticated(message: string): RegistryError {
  return new RegistryError('UNAUTHORIZED', message);
}
