import type { Format } from './formats.ts';

const month = {
  of31: '(0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])',
  of30: '(0[469]|11)-(0[1-9]|[12]\\d|30)',
  february: '02-(0[1-9]|1\\d|2[0-8])',
};
const leapYear = '(\\d\\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)';
/** Calendar days, with 29 February only in leap years. */
const date = `(\\d{4}-(${month.of31}|${month.of30}|${month.february})|${leapYear}-02-29)`;

const hourAndMinute = '([01]\\d|2[0-3]):[0-5]\\d';
const time = `${hourAndMinute}:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]${hourAndMinute})`;

/** A label of a host name. Its limits of 63 characters, and 253 for the name, are lowered to keep the grammar small. */
const label = '[A-Za-z0-9]([A-Za-z0-9-]{0,22}[A-Za-z0-9])?';

const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const group = '[0-9A-Fa-f]{1,4}';

/** `::` for two or more groups. */
const shortened = Array.from({ length: 7 }, (_, before) => {
  const left = before === 0 ? ':' : `(${group}:){${before}}`;
  const after = 7 - before;
  return `${left}(:${group}){1,${after - (before === 0 ? 0 : 1) || 1}}`;
});

const hex = '[0-9A-Fa-f]';
const urlChar = "([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";
const amount = '\\d{1,9}';
const clock = `T(${amount}H(${amount}M)?(${amount}S)?|${amount}M(${amount}S)?|${amount}S)`;

/** How the grammar writes each format: within what a validator accepts, and in the usual way. */
export const formatPatterns: Record<Format, string> = {
  date: `^${date}$`,
  time: `^${time}$`,
  'date-time': `^${date}T${time}$`,
  duration: `^P(${amount}W|(?=[\\dT])(${amount}Y)?(${amount}M)?(${amount}D)?(${clock})?)$`,
  email: '^[A-Za-z0-9_+-]+(\\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9]+(-[A-Za-z0-9]+)*\\.)+[A-Za-z]{2,24}$',
  hostname: `^${label}(\\.${label}){0,4}$`,
  ipv4: `^(${octet}\\.){3}${octet}$`,
  ipv6: `^((${group}:){7}${group}|${shortened.join('|')}|(${group}:){1,7}:|::)$`,
  uri: `^[A-Za-z][A-Za-z0-9+.-]*:(//[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\\d{1,5})?(/${urlChar}*)*|${urlChar}(${urlChar}|/)*)(\\?(${urlChar}|[/?])*)?(#(${urlChar}|[/?])*)?$`,
  byte: '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
  uuid: `^${hex}{8}-(${hex}{4}-){3}${hex}{12}$`,
};
