/**
 * A rule that cannot be used. `syntax`: the expression is not of the grammar. `not-implemented`: it is valid on Azure,
 * but uses a part (arithmetic, functions, parameters) that the emulator does not have. `too-large`: longer, deeper or
 * with more terms than allowed.
 */
export type FilterErrorCode = 'not-implemented' | 'syntax' | 'too-large';

export class FilterError extends Error {
  override readonly name = 'FilterError';

  constructor(
    readonly code: FilterErrorCode,
    message: string,
  ) {
    super(message);
  }
}
