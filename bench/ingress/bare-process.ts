import { fastify } from 'fastify';
import { acrPushSchema } from './acr-push.js';
import { reportToParent } from './report-cpu.js';

// The reference: Fastify that parses and validates the same body, and does nothing with it.
const server = fastify();
server.post('/webhooks/:registry', { schema: { body: acrPushSchema } }, (_request, reply) => {
  void reply.status(202).send({ status: 202, reason: 'accepted' });
});
await server.listen({ port: 0, host: '127.0.0.1' });
const address = server.server.address();
reportToParent(typeof address === 'object' && address !== null ? address.port : 0, () => server.close());
