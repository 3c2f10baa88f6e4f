/**
 * The answer to a sender that wants to know, before it delivers, whether it is welcome. A value: ingress sends it with
 * status 200, because Azure Event Grid takes nothing else for a yes.
 */
export interface HandshakeAnswer {
  answer: {
    headers?: Readonly<Record<string, string>>;
    /** JSON; without it, the answer says what became of the delivery, like any other. */
    body?: Readonly<Record<string, string>>;
  };
  /**
   * An address that must be fetched before the answer counts (Amazon SNS). A kind builds it from its settings and never
   * takes it from the delivery.
   */
  visit?: string;
}
