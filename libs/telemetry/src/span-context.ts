import { type Context, isSpanContextValid, ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';
import { isTraceparent, type Traceparent } from '@pratique/contracts';

/** A context whose span is the one that a message names, or the root of a new trace. */
export function contextOf(traceparent: string | undefined): Context {
  if (traceparent === undefined || !isTraceparent(traceparent)) return ROOT_CONTEXT;
  const [, traceId = '', spanId = '', flags = '00'] = traceparent.split('-');
  const traceFlags = Number.parseInt(flags, 16);
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

/** https://www.w3.org/TR/trace-context/#traceparent-header */
export function traceparentOf(span: SpanContext): Traceparent | undefined {
  if (!isSpanContextValid(span)) return undefined;
  // The only flag that every version knows: whether the trace is sampled.
  return `00-${span.traceId}-${span.spanId}-0${span.traceFlags & 1}`;
}
