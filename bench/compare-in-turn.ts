import type { BenchCase } from './bench.js';

export interface Comparison {
  case: string;
  unit: string;
  reference: string;
  /** Does the work once and gives the figure; larger is better. */
  measure: () => Promise<number>;
  measureReference: () => Promise<number>;
}

const rounds = 5;

/**
 * Measures reference and ours in turn, A B A B, after a warm-up of each. What disturbs the machine disturbs both of a round,
 * so the ratio is taken within each round.
 */
export async function compareInTurn(comparison: Comparison): Promise<BenchCase> {
  const { measure, measureReference, case: name, unit, reference } = comparison;
  await measureReference();
  await measure();
  const figures: { value: number; referenceValue: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const referenceValue = await measureReference();
    figures.push({ referenceValue, value: await measure() });
  }
  return {
    case: name,
    value: Math.round(median(figures.map(({ value }) => value))),
    unit,
    reference,
    referenceValue: Math.round(median(figures.map(({ referenceValue }) => referenceValue))),
    ratio: Number(median(figures.map(({ value, referenceValue }) => value / referenceValue)).toFixed(3)),
    rounds,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
