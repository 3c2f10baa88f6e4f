/**
 * The parts of rhea's server side that the emulator touches, typed as they are at run time. rhea's own declarations type most
 * of it as `any` and leave out what a server needs (accepting a socket, writing a frame, the drain answer).
 */
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

/** A value of the AMQP type system as rhea holds it. */
export interface AmqpTyped {
  readonly type: { readonly name: string; readonly typecode: number };
  readonly value: unknown;
  readonly descriptor?: AmqpTyped;
}

export interface AmqpErrorFields {
  readonly condition: string;
  readonly description: string;
}

/** A terminus of an attach as the peer sent it. `filter` values are described values. */
export interface RheaTerminus {
  readonly address?: string | null;
  readonly dynamic?: boolean | null;
  readonly filter?: Readonly<Record<string, unknown>> | null;
}

export interface RheaOutcome {
  readonly error?: {
    readonly condition?: string;
    readonly description?: string;
    readonly info?: unknown;
  } | null;
  readonly undeliverable_here?: boolean | null;
  readonly message_annotations?: unknown;
}

export interface RheaDelivery {
  readonly id: number;
  readonly tag: Buffer;
  readonly format: number | null;
  settled: boolean;
  remote_settled: boolean;
  readonly remote_state?: RheaOutcome;
}

export interface RheaTransferFrame {
  readonly performative: {
    message_format: number | null | undefined;
    readonly handle: number;
    readonly more: boolean | null;
  };
  payload?: Buffer;
}

export interface RheaSession extends EventEmitter {
  readonly outgoing: { available(): number };
  readonly connection: RheaConnection;
  output(performative: unknown): void;
  is_open(): boolean;
  on_transfer(frame: RheaTransferFrame): void;
  remove(): void;
}

interface RheaLink extends EventEmitter {
  readonly name: string;
  readonly session: RheaSession;
  readonly connection: RheaConnection;
  readonly source: RheaTerminus | null;
  readonly target: RheaTerminus | null;
  readonly snd_settle_mode: number | null;
  readonly rcv_settle_mode: number | null;
  readonly properties: Readonly<Record<string, unknown>> | null;
  readonly desired_capabilities: string | readonly string[] | null;
  readonly local: {
    readonly attach: {
      snd_settle_mode: number;
      rcv_settle_mode: number;
      max_message_size: number;
      properties: Readonly<Record<string, unknown>>;
    };
  };
  credit: number;
  delivery_count: number;
  set_source(fields: RheaTerminus): void;
  set_target(fields: RheaTerminus): void;
  close(error?: AmqpErrorFields): void;
  is_open(): boolean;
}

/** The emulator's sending end of a link: the client receives on it. */
export interface RheaSender extends RheaLink {
  issue_flow: boolean;
  _get_drain(): boolean;
  send(message: Buffer, tag: Buffer | undefined, format: number): RheaDelivery;
}

/** The emulator's receiving end of a link: the client sends on it. */
export interface RheaReceiver extends RheaLink {
  add_credit(credit: number): void;
}

export interface RheaConnection extends EventEmitter {
  output(): void;
  accept(socket: Socket): void;
  close(error?: AmqpErrorFields): void;
  eof(): void;
  /** Asks rhea to look at all pending work once the present turn is over. */
  _register(): void;
}

export interface RheaContext {
  readonly connection: RheaConnection;
  readonly session: RheaSession;
  readonly sender?: RheaSender;
  readonly receiver?: RheaReceiver;
  readonly delivery?: RheaDelivery;
  readonly message?: unknown;
}
