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

const isTime = (text: string): boolean => {
  const match = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:z|([+-])(\d\d)(?::?(\d\d))?)$/i.exec(text);
  if (match === null) return false;
  const [hour, minute, second, offsetHour, offsetMinute] = [match[1], match[2], match[3], match[5], match[6]].map(
    (digits) => Number(digits ?? 0),
  ) as [number, number, number, number, number];
  if (hour > 23 || minute > 59 || offsetHour > 23 || offsetMinute > 59) return false;
  if (second < 60) return true;
  // A leap second is the last of a day, UTC.
  const sign = match[4] === '-' ? 1 : -1;
  const minutes = 60 * hour + minute + sign * (60 * offsetHour + offsetMinute);
  return second === 60 && (minutes + 2880) % 1440 === 1439;
};

/** Whether a string has a format as ajv has it, which is wider than RFC 3339: spaces for the T, zones without a colon. */
export function hasFormat(text: string, format: Format): boolean {
  switch (format) {
    case 'date':
      return isDate(text);
    case 'time':
      return isTime(text);
    case 'date-time':
      return /^[t\s]$/i.test(text.charAt(10)) && isDate(text.slice(0, 10)) && isTime(text.slice(11));
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
