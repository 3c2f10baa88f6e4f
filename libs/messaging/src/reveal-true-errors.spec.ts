import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  type INestApplication,
  UseFilters,
} from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { RegistryEvent } from '@pratique/contracts';
import { throwError } from 'rxjs';
import { examplePush } from '../test/example-events.js';
import { type Bus, startBus } from '../test/start-bus.js';
import { createApp } from '../test/start-consumers.js';
import { connectSubscriptions } from './connect-subscriptions.js';
import { subscriptionTransport } from './subscription-transport.js';

const types = ['io.pratique.image.pushed.v1', 'io.pratique.image.quarantined.v1'];

@Catch()
class Rewording implements ExceptionFilter {
  catch(error: Error, _host: ArgumentsHost) {
    return throwError(() => new Error(`reworded: ${error.message}`));
  }
}

class Buggy {
  @EventPattern<string[]>(types, subscriptionTransport('scan'))
  onEvent(@Payload() _event: RegistryEvent): void {
    throw new TypeError('a bug');
  }
}

@Controller()
class Inheriting extends Buggy {
  @Get('page')
  page(): void {
    throw new TypeError('a bug in a page');
  }
}

@Controller()
class WithFilterOnMethod {
  @UseFilters(Rewording)
  @EventPattern<string[]>(types, subscriptionTransport('scan'))
  onEvent(@Payload() _event: RegistryEvent): void {
    throw new TypeError('a bug');
  }
}

@UseFilters(Rewording)
@Controller()
class WithFilterOnClass {
  @EventPattern<string[]>(types, subscriptionTransport('scan'))
  onEvent(@Payload() _event: RegistryEvent): void {
    throw new TypeError('a bug');
  }
}

describe('messaging/reveal-true-errors', () => {
  let bus: Bus;
  let app: INestApplication;

  beforeEach(async () => {
    bus = await startBus({ tuning: { redelivery: { maxAttempts: 1 } } });
  });
  afterEach(async () => {
    await app.close();
    await bus.close();
  });

  it.each([
    ['an inherited handler says what it threw', Inheriting, 'TypeError: a bug'],
    ['a filter on the handler keeps the last word', WithFilterOnMethod, 'Error: reworded: a bug'],
    ['a filter on the controller keeps the last word', WithFilterOnClass, 'Error: reworded: a bug'],
  ])('%s', async (_, controller, description) => {
    app = await createApp(bus.settings, [controller]);
    connectSubscriptions(app, ['scan']);
    await app.startAllMicroservices();
    await bus.events.publish(examplePush());
    const [letter] = await bus.deadLetters('scan', 1);
    expect(letter?.deadLetterErrorDescription).toBe(description);
  });

  it('leaves the answers to HTTP requests as they are', async () => {
    app = await createApp(bus.settings, [Inheriting]);
    await app.listen(0, '127.0.0.1');
    const response = await fetch(`${await app.getUrl()}/page`);
    expect(await response.json()).toEqual({ statusCode: 500, message: 'Internal server error' });
  });
});
