import { UseFilters } from '@nestjs/common';
import { EXCEPTION_FILTERS_METADATA } from '@nestjs/common/internal';
import type { ModulesContainer } from '@nestjs/core';
import { TRANSPORT_METADATA } from '@nestjs/microservices/constants.js';
import { isSubscriptionTransport } from './subscription-transport.js';
import { TrueErrorFilter } from './true-error.filter.js';

type Method = (...args: never[]) => unknown;

/**
 * Gives every event handler of a subscription the {@link TrueErrorFilter}, so that an ordinary `@EventPattern` method is
 * all an application has to write. A handler or controller with filters of its own keeps them as they are.
 *
 * Nest reads the filters when it binds handlers to a server, which is after the modules are scanned and instantiated: a
 * provider's constructor is the place from where all controllers are known in time.
 */
export function revealTrueErrors(modules: ModulesContainer): void {
  for (const module of modules.values()) {
    for (const { metatype } of module.controllers.values()) {
      if (typeof metatype !== 'function' || hasFilters(metatype)) continue;
      for (const method of subscriptionHandlers(metatype.prototype as object)) {
        if (!hasFilters(method.value)) UseFilters(new TrueErrorFilter())(metatype, method.name, method);
      }
    }
  }
}

interface HandlerMethod extends TypedPropertyDescriptor<Method> {
  name: string;
  value: Method;
}

function subscriptionHandlers(prototype: object): HandlerMethod[] {
  const handlers: HandlerMethod[] = [];
  for (let level = prototype; level !== Object.prototype; level = Object.getPrototypeOf(level) as object) {
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      const value: unknown = descriptor.value;
      if (typeof value !== 'function') continue;
      if (!isSubscriptionTransport(Reflect.getMetadata(TRANSPORT_METADATA, value))) continue;
      handlers.push({ name, value: value as Method });
    }
  }
  return handlers;
}

function hasFilters(target: object): boolean {
  return Reflect.getMetadata(EXCEPTION_FILTERS_METADATA, target) !== undefined;
}
