const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

/** 20000 → `20,000` */
export function count(value: number): string {
  return whole.format(value);
}

/** 1 → `1 token`, 3021 → `3,021 tokens` */
export function tokens(value: number): string {
  return `${count(value)} ${value === 1 ? 'token' : 'tokens'}`;
}

/** 4951296 → `4.95 million`, for the weights of a model */
export function parameters(value: number): string {
  return compact.format(value).replace(/([KMBT])$/, (unit) => ` ${units[unit as keyof typeof units]}`);
}

const units = { K: 'thousand', M: 'million', B: 'billion', T: 'trillion' };

/** One decimal below 100: 44.14 → `44.1`, 4310.2 → `4,310` */
export function rate(perSecond: number): string {
  return perSecond < 100 ? tenth.format(perSecond) : whole.format(perSecond);
}

/** 5335104 → `5.3 MB` */
export function bytes(value: number): string {
  if (value < 1000) return `${value} bytes`;
  if (value < 1e6) return `${value < 1e4 ? tenth.format(value / 1e3) : whole.format(value / 1e3)} kB`;
  if (value < 1e9) return `${tenth.format(value / 1e6)} MB`;
  return `${tenth.format(value / 1e9)} GB`;
}

/** A measured time in ms: 712 → `0.71 s`, 7120 → `7.1 s`, 125000 → `2 min 5 s` */
export function duration(ms: number): string {
  if (ms < 1000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 9950) return `${tenth.format(ms / 1000)} s`;
  return longDuration(Math.round(ms / 1000));
}

/** A predicted time in ms, rounded up and no more exact than a prediction is: 412 → `0.5 s`, 6600 → `7 s` */
export function timeToGo(ms: number): string {
  if (ms <= 1000) return `${Math.max(1, Math.ceil(ms / 100)) / 10} s`;
  return longDuration(Math.ceil(ms / 1000));
}

function longDuration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return join(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  return join(Math.floor(seconds / 3600), 'h', Math.floor((seconds % 3600) / 60), 'min');
}

function join(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}
