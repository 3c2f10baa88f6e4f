// A scanner adapter as Harbor would ask it, in a process of its own: the same REST, and every manner of going wrong.
// Usage: node fake-scanner-adapter.mjs <behaviour>; prints its port.
import { createServer } from 'node:http';

const behaviour = process.argv[2] ?? 'answers';
const token = 'adapter-token';
const report = 'application/vnd.security.vulnerability.report; version=1.1';
const hour = 3_600_000;
const ages = { old: 30 * 24 * hour, ageless: undefined };
const age = behaviour in ages ? ages[behaviour] : hour;
const jobs = new Map();

const metadata = () => ({
  scanner: { name: 'Trivy', vendor: 'Aqua Security', version: '0.70.0' },
  capabilities: [
    {
      type: 'vulnerability',
      consumes_mime_types: [
        'application/vnd.oci.image.manifest.v1+json',
        'application/vnd.docker.distribution.manifest.v2+json',
      ],
      produces_mime_types: [behaviour === 'unable' ? 'application/vnd.other' : report],
    },
  ],
  properties: {
    'harbor.scanner-adapter/scanner-type': 'os-package-vulnerability',
    ...(age !== undefined && {
      'harbor.scanner-adapter/vulnerability-database-updated-at': new Date(Date.now() - age).toISOString(),
    }),
  },
});

const found = {
  generated_at: '2026-11-20T10:00:00Z',
  scanner: { name: 'Trivy', vendor: 'Aqua Security', version: '0.70.0' },
  severity: 'Critical',
  vulnerabilities: [
    {
      id: 'CVE-2026-1111',
      package: 'openssl',
      version: '3.0.1',
      fix_version: '3.0.2',
      severity: 'Critical',
      description: 'Out of bounds.',
      links: ['https://nvd.nist.gov/vuln/detail/CVE-2026-1111'],
      preferred_cvss: { score_v3: 9.8, vector_v3: 'CVSS:3.1/AV:N' },
      cwe_ids: ['CWE-787'],
    },
    { id: 'CVE-2026-2222', package: 'zlib', version: '1.3', fix_version: '', severity: 'Low', links: null },
  ],
};

/** Pulls the manifest, as a scanner would, with the right that it was handed. */
async function pull({ registry, artifact }) {
  const answer = await fetch(`${registry.url}/v2/${artifact.repository}/manifests/${artifact.digest}`, {
    headers: { accept: artifact.mime_type, authorization: registry.authorization },
  });
  await answer.arrayBuffer();
  if (answer.status !== 200) throw new Error(`the registry answered ${answer.status}`);
}

const server = createServer(async (request, response) => {
  const send = (status, body, headers = {}) => {
    response.writeHead(status, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  if (request.headers.authorization !== `Bearer ${token}`)
    return send(401, { error: { message: 'who are you?' } });
  if (request.url === '/api/v1/metadata') return send(200, metadata());
  if (request.method === 'POST' && request.url === '/api/v1/scan') {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    const id = `job/${jobs.size}`;
    jobs.set(id, { body, asked: 0 });
    return send(202, { id });
  }
  const id = decodeURIComponent(/^\/api\/v1\/scan\/(.+)\/report$/.exec(request.url)?.[1] ?? '');
  const job = jobs.get(id);
  if (job === undefined) return send(404, { error: { message: 'no such scan' } });
  job.asked += 1;
  if (behaviour === 'hangs') return undefined;
  if (behaviour === 'dies') return process.exit(1);
  if (behaviour === 'fails') return send(500, { error: { message: 'the image cannot be unpacked' } });
  if (behaviour === 'garbage') return send(200, '<html>It works!</html>');
  if (behaviour === 'another-shape') return send(200, { vulnerabilities: [{ id: 7 }] });
  if (behaviour === 'floods') return flood(response);
  // As Trivy's adapter: not ready, at this very address.
  if (job.asked === 1 || behaviour === 'never-ready') {
    return send(302, '', { location: request.url, 'refresh-after': '0' });
  }
  try {
    await pull(job.body);
  } catch (error) {
    return send(500, { error: { message: error.message } });
  }
  return send(200, behaviour === 'finds-nothing' ? { ...found, vulnerabilities: [] } : found);
});

/** A gigabyte of what begins like a report. */
function flood(response) {
  response.writeHead(200);
  response.write('{"vulnerabilities":[');
  const piece = Buffer.alloc(1024 * 1024, ' ');
  let left = 1024;
  const more = () => {
    while (left > 0) {
      left -= 1;
      if (!response.write(piece)) return response.once('drain', more);
    }
    return response.end(']}');
  };
  more();
}

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().once('end', () => process.exit(0));
