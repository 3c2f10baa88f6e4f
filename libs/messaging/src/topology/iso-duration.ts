/**
 * Durations as Service Bus writes them: days, hours, minutes and seconds of ISO 8601, in which "no limit" is
 * `P10675199DT2H48M5.4775807S`. Years and months, whose lengths vary, do not occur there.
 */
const pattern = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Milliseconds as a duration: 90 000 is `PT1M30S`. */
export function isoDuration(ms: number): string {
  const parts = [
    [Math.floor(ms / hour), 'H'],
    [Math.floor((ms % hour) / minute), 'M'],
    [(ms % minute) / second, 'S'],
  ] as const;
  const text = parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('');
  return text === '' ? 'PT0S' : `PT${text}`;
}

/** A duration in milliseconds; `undefined` for a text that is none. */
export function millisecondsOf(duration: string): number | undefined {
  const match = pattern.exec(duration);
  if (match === null || duration.endsWith('P') || duration.endsWith('T')) return undefined;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return Number(days) * day + Number(hours) * hour + Number(minutes) * minute + Number(seconds) * second;
}
