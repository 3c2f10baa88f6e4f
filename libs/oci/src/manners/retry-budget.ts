/** What a retry costs, where each request earns one: one retry for every five requests. */
const price = 5;
/** Twenty retries, which may be made before anything has been asked. */
const mostSaved = 20 * price;

/**
 * Keeps repetitions a small part of all requests. A registry that fails everything would otherwise get several times its load
 * from clients that mean well (https://sre.google/sre-book/handling-overload/).
 */
export class RetryBudget {
  private saved = mostSaved;

  earn(): void {
    this.saved = Math.min(mostSaved, this.saved + 1);
  }

  /** Takes one retry out of the budget; false when it is used up. */
  spend(): boolean {
    if (this.saved < price) return false;
    this.saved -= price;
    return true;
  }
}
