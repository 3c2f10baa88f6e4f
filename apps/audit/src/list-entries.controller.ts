import { BadRequestException, Controller, Get, Query } from '@nestjs/common';
import { type EntryPage, EntryStore } from './entry-store.js';
import { readEntryQuery } from './entry-query.js';

@Controller('api/v1/entries')
export class ListEntriesController {
  constructor(private readonly store: EntryStore) {}

  /**
   * `GET /api/v1/entries?after=&limit=&order=&type=&registry=&repository=&digest=&correlation=`: entries by sequence,
   * and in `next` what to give as `after` for the following page.
   */
  @Get()
  async list(@Query() parameters: Record<string, unknown>): Promise<EntryPage> {
    const query = readEntryQuery(parameters);
    if ('problem' in query) throw new BadRequestException(query.problem);
    return this.store.list(query);
  }
}
