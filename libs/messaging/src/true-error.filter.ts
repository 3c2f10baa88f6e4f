import { Catch, type ExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';

/**
 * Lets an error through as it is. Nest's own filter replaces every error that is no `RpcException` with "Internal server
 * error", which keeps a server's secrets from its callers; here the "caller" is our own server, and a dead letter whose
 * reason reads "Internal server error" helps nobody.
 */
@Catch()
export class TrueErrorFilter implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
