/** How many proxies stand before the service, as `http.trustedProxies` states. A class, so that Nest can inject it. */
export class TrustedProxies {
  constructor(readonly count: number) {}
}
