import type { AmqpErrorFields, RheaDelivery, RheaSender } from './rhea-endpoints.js';

export interface OutgoingLinkOptions {
  /** True when the client wants deliveries that are settled already (receive-and-delete, event hubs). */
  readonly preSettled: boolean;
  /**
   * Most deliveries that may be promised at once. The event hub client adds credit with every call without counting what
   * it has left, and would be flooded.
   */
  readonly maxCredit?: number;
  /** Called when the client can take more. */
  readonly onCredit: () => void;
}

/**
 * The client hands a delivered message to its user in a later turn, but believes a drain answer at once; an answer that
 * follows a delivery too closely makes it give up on that message.
 */
const DRAIN_GAP_MS = 10;

/** The emulator's sending end of a link: counts credit, sends, and answers drains. */
export class OutgoingLink {
  private limit = 0;
  private sent = 0;
  private reserved = 0;
  private draining = false;
  private answerDue = false;
  private lastSentAt = -Infinity;
  private drainTimer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly sender: RheaSender,
    private readonly options: OutgoingLinkOptions,
  ) {
    sender._get_drain = () => this.takeDrainAnswer();
    sender.on('sender_flow', () => this.onFlow());
    sender.on('sender_draining', () => this.onDraining());
  }

  /** Whether the client has credit and rhea has room for one more delivery. */
  ready(): boolean {
    return (
      !this.closed && this.sent + this.reserved < this.limit && this.sender.session.outgoing.available() > 0
    );
  }

  /** Keeps one credit for a delivery whose permission is still awaited; `release` gives it back. */
  reserve(): { release(): void } {
    this.reserved += 1;
    return {
      release: () => {
        this.reserved -= 1;
      },
    };
  }

  /** Sends an encoded message; undefined when the link closed in the meantime. */
  send(encoded: Buffer, tag?: Buffer): RheaDelivery | undefined {
    if (this.closed) return undefined;
    this.sent += 1;
    this.lastSentAt = performance.now();
    const delivery = this.sender.send(encoded, tag, 0);
    if (this.options.preSettled) delivery.settled = true;
    return delivery;
  }

  /** Ends the link from the emulator's side. */
  detach(error: AmqpErrorFields): void {
    this.sender.close(error);
    this.end();
  }

  /** Stops sending at once. A delivery that rhea still holds must not be written to a link that is gone. */
  end(): void {
    this.closed = true;
    this.sender.credit = 0;
    clearTimeout(this.drainTimer);
  }

  private onFlow(): void {
    const granted = this.sender.credit + this.sender.delivery_count;
    this.limit = Math.min(granted, this.sent + (this.options.maxCredit ?? Infinity));
    this.draining = false;
    clearTimeout(this.drainTimer);
    this.options.onCredit();
  }

  /** Comes right after 'sender_flow', so that everything available is already sent. */
  private onDraining(): void {
    this.draining = true;
    this.answerDrain();
  }

  private answerDrain(): void {
    if (this.closed || !this.draining) return;
    const unwritten = this.sent - this.sender.delivery_count;
    const quietFor = performance.now() - this.lastSentAt;
    if (unwritten > 0 || this.reserved > 0 || quietFor < DRAIN_GAP_MS) {
      this.drainTimer = setTimeout(() => this.answerDrain(), DRAIN_GAP_MS);
      return;
    }
    this.draining = false;
    this.answerDue = true;
    this.limit = this.sent;
    this.sender.issue_flow = true;
    this.sender.connection._register();
  }

  /** rhea asks this while it writes the flow; its own answer is "no" when the credit is already used up. */
  private takeDrainAnswer(): boolean {
    if (!this.answerDue) return false;
    this.answerDue = false;
    this.sender.delivery_count += this.sender.credit;
    this.sender.credit = 0;
    this.sent = this.sender.delivery_count;
    this.limit = this.sent;
    return true;
  }
}
