import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readiness } from './readiness.js';

/** What the platform asks: is the process alive (else restart it), and can it work (else send it nothing). */
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** Depends on nothing: a restart does not mend a broker that is away. */
  @Get('live')
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  async ready(
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ status: 'ready' | 'not-ready'; obstacles?: string[] }> {
    const obstacles = await this.readiness.obstacles();
    if (obstacles.length === 0) return { status: 'ready' };
    reply.status(503);
    return { status: 'not-ready', obstacles };
  }
}
