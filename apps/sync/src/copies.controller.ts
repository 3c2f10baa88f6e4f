import { Controller, Get } from '@nestjs/common';
import { type RunningCopy, RunningCopies } from './running-copies.js';

/** What this process is copying. It names images and registries, as the ledger's API does: keep it on a private network. */
@Controller('api/v1/copies')
export class CopiesController {
  constructor(private readonly running: RunningCopies) {}

  /** `GET /api/v1/copies`: copies that run or wait for their turn, the oldest first. */
  @Get()
  list(): { copies: RunningCopy[] } {
    return { copies: this.running.list() };
  }
}
