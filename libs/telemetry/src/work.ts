import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { contextOf, traceparentOf } from './span-context.js';

export interface WorkDescription {
  /** The span's name: what is done, with no part that somebody outside chose. */
  name: string;
  kind: 'server' | 'producer' | 'consumer';
  /** What led here, as a traceparent. */
  parent?: string | undefined;
  /** https://opentelemetry.io/docs/specs/semconv/ */
  attributes?: Attributes;
  /** Stand in every line that is logged while the work is under way. */
  log?: LogFields;
}

export type LogFields = Readonly<Record<string, string>>;

const kinds = { server: SpanKind.SERVER, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER };
const workKey = createContextKey('pratique.work');

/**
 * A piece of work with a beginning and an end: a span where traces are told, and what its lines in the log have in
 * common. Asynchronous calls made in {@link run} belong to it.
 */
export class Work {
  readonly #span: Span;
  readonly #log: LogFields;
  /** Where no trace is told, a span is only its parent, handed through. */
  readonly #isOurs: boolean;
  #ended = false;

  private constructor({ name, kind, parent, attributes = {}, log = {} }: WorkDescription) {
    const options = { kind: kinds[kind], attributes };
    const within = parentOf(parent);
    this.#span = trace.getTracer('pratique').startSpan(name, options, within);
    this.#isOurs = this.#span.spanContext().spanId !== trace.getSpanContext(within)?.spanId;
    this.#log = log;
  }

  static begin(description: WorkDescription): Work {
    return new Work(description);
  }

  /** Begins work, carries it out and ends it. */
  static async do<T>(description: WorkDescription, act: (work: Work) => Promise<T>): Promise<T> {
    const work = Work.begin(description);
    try {
      const result = await work.run(() => act(work));
      work.end();
      return result;
    } catch (error) {
      work.fail(error);
      throw error;
    }
  }

  /**
   * The work that is under way here. A connection that was opened in the middle of some work calls back in its context
   * for ever, so work that has ended counts as none.
   */
  static current(): Work | undefined {
    const work = context.active().getValue(workKey);
    return work instanceof Work && !work.#ended ? work : undefined;
  }

  /** What a message caused by this work carries on; undefined where no trace is told. */
  get traceparent(): string | undefined {
    return this.#isOurs ? traceparentOf(this.#span.spanContext()) : undefined;
  }

  /** Undefined where none is told and none was begun by somebody else. */
  get traceId(): string | undefined {
    return traceparentOf(this.#span.spanContext())?.slice(3, 35);
  }

  /** A new object each time: pino adds the fields of a line to it. */
  get logFields(): LogFields {
    const { traceId } = this;
    return { ...this.#log, ...(traceId !== undefined && { traceId }) };
  }

  run<T>(act: () => T): T {
    return context.with(trace.setSpan(context.active(), this.#span).setValue(workKey, this), act);
  }

  end(attributes: Attributes = {}): void {
    this.#ended = true;
    this.#span.setAttributes(attributes);
    this.#span.end();
  }

  /** Ends with an error, of which its kind is told and not its words: they may hold what must not leave the process. */
  fail(error: unknown, attributes: Attributes = {}): void {
    const type = error instanceof Error ? error.name : 'unknown';
    this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.end({ 'error.type': type, ...attributes });
  }
}

/** The work that is under way, if it belongs to the same trace, else what led here. */
function parentOf(parent: string | undefined): Context {
  const current = Work.current();
  if (current !== undefined && (parent === undefined || parent.slice(3, 35) === current.traceId))
    return current.run(() => context.active());
  return contextOf(parent);
}
