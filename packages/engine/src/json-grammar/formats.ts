export const formats = ['date', 'time', 'date-time'] as const;

export type Format = (typeof formats)[number];

const isDate = (text: string): boolean => {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return days !== undefined && day >= 1 && day <= days;
};

const isTime = (text: string): boolean =>
  /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i.test(text);

/** Whether a string has a format of RFC 3339, without leap seconds. */
export function hasFormat(text: string, format: Format): boolean {
  switch (format) {
    case 'date':
      return isDate(text);
    case 'time':
      return isTime(text);
    case 'date-time':
      return /^[tT]$/.test(text.charAt(10)) && isDate(text.slice(0, 10)) && isTime(text.slice(11));
    default:
      return format satisfies never;
  }
}

/** The fewest and the most characters that a validator may accept in a format. */
export const formatLength: Record<Format, readonly [least: number, most: number]> = {
  date: [10, 10],
  time: [9, Infinity],
  'date-time': [20, Infinity],
};
