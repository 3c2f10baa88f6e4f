/** One figure, beside what it is measured against in the same run. */
export interface BenchCase {
  case: string;
  value: number;
  unit: string;
  /** What the reference is. */
  reference: string;
  referenceValue: number;
  /** Median of value / referenceValue of the same round. */
  ratio: number;
  rounds: number;
}

/** Runs its cases one after the other and tells of each when it is there. */
export type Bench = (options: { onCase: (result: BenchCase) => void }) => Promise<void>;
