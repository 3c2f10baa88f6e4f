import type { Reply } from '../http/exchange.js';
import { requireDigest } from '../registry/image-names.js';
import { RegistryError } from '../registry/registry-error.js';
import { needs, type RegistryRequest, type RegistryRoute } from '../registry/registry-route.js';
import type { Upload } from './uploads.js';

const sessionPattern = /^\/v2\/(?<repository>.+)\/blobs\/uploads\/(?<session>[^/]+)$/;

/** Pushing blobs: distribution specification 1.1, "Pushing blobs" and "Mounting a blob". */
export const uploadRoutes: readonly RegistryRoute[] = [
  {
    methods: ['POST'],
    pattern: /^\/v2\/(?<repository>.+)\/blobs\/uploads\/?$/,
    access: needs('push'),
    handle: startUpload,
  },
  { methods: ['GET'], pattern: sessionPattern, access: needs('push'), handle: reportUpload },
  { methods: ['PATCH'], pattern: sessionPattern, access: needs('push'), handle: appendChunk },
  { methods: ['PUT'], pattern: sessionPattern, access: needs('push'), handle: finishUpload },
  { methods: ['DELETE'], pattern: sessionPattern, access: needs('push'), handle: cancelUpload },
];

async function startUpload(request: RegistryRequest): Promise<Reply> {
  const { registry, exchange } = request;
  const mounted = await mountBlob(request);
  if (mounted !== undefined) return mounted;
  const digest = exchange.query.get('digest');
  if (digest !== null) requireDigest(digest);
  const upload = await registry.uploads.start(request.parameters.get('repository'));
  return digest === null ? progressReply(202, upload) : finish(request, upload, digest);
}

/** 201 when the blob is in the other repository and the caller may read it there; else an ordinary upload begins. */
async function mountBlob({
  registry,
  exchange,
  parameters,
  caller,
}: RegistryRequest): Promise<Reply | undefined> {
  const digest = exchange.query.get('mount');
  const from = exchange.query.get('from');
  if (digest === null || from === null) return undefined;
  if (!registry.repositories.hasBlob(from, requireDigest(digest)) || !caller.may(from, 'pull'))
    return undefined;
  await registry.repositories.addBlob(parameters.get('repository'), digest);
  return createdReply(parameters.get('repository'), digest);
}

function reportUpload(request: RegistryRequest): Reply {
  return progressReply(204, sessionOf(request));
}

async function appendChunk(request: RegistryRequest): Promise<Reply> {
  const upload = sessionOf(request);
  checkRange(request, upload);
  await upload.append(request.exchange.body, request.registry.maxBlobBytes);
  return progressReply(202, upload);
}

async function finishUpload(request: RegistryRequest): Promise<Reply> {
  const digest = requireDigest(request.exchange.query.get('digest'));
  const upload = sessionOf(request);
  checkRange(request, upload);
  return finish(request, upload, digest);
}

async function cancelUpload(request: RegistryRequest): Promise<Reply> {
  await request.registry.uploads.cancel(sessionOf(request));
  return { status: 204 };
}

async function finish(
  { registry, exchange }: RegistryRequest,
  upload: Upload,
  digest: string,
): Promise<Reply> {
  await upload.append(exchange.body, registry.maxBlobBytes);
  registry.uploads.forget(upload);
  await upload.commit(digest);
  await registry.repositories.addBlob(upload.repository, digest);
  return createdReply(upload.repository, digest);
}

function sessionOf({ registry, exchange, parameters }: RegistryRequest): Upload {
  return registry.uploads.find(
    parameters.get('repository'),
    parameters.get('session'),
    exchange.query.get('_state'),
  );
}

/** A chunk that says where it belongs (`5-9`, without a unit) must start where the last one ended. */
function checkRange({ exchange }: RegistryRequest, upload: Upload): void {
  const text = exchange.headers['content-range'];
  if (text === undefined) return;
  const [, start, end] = /^(?:bytes )?(\d{1,15})-(\d{1,15})(?:\/.*)?$/.exec(text) ?? [];
  const length = exchange.headers['content-length'];
  if (
    Number(start) !== upload.size ||
    (length !== undefined && Number(end) - Number(start) + 1 !== Number(length))
  ) {
    const headers = progressReply(416, upload).headers ?? {};
    throw new RegistryError('RANGE_INVALID', 'The chunk does not follow the last one.', {
      headers: { ...headers },
    });
  }
}

function progressReply(status: number, upload: Upload): Reply {
  return {
    status,
    headers: {
      location: `/v2/${upload.repository}/blobs/uploads/${upload.id}?_nouploadcache=false&_state=${upload.state}`,
      // As the CNCF registry and Azure say it: an empty session is `0-0` too.
      range: `0-${Math.max(upload.size - 1, 0)}`,
      'docker-upload-uuid': upload.id,
    },
  };
}

function createdReply(repository: string, digest: string): Reply {
  return {
    status: 201,
    headers: { location: `/v2/${repository}/blobs/${digest}`, 'docker-content-digest': digest },
  };
}
