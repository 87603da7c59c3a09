import { foreignText, formatPath, type FieldPath } from '@headway/protocol';

/** One thing that is wrong with a config file. */
export interface ConfigProblem {
  /** The field; empty for the file as a whole. */
  path: FieldPath;
  /** The fault and its remedy, worded to follow the field's name. It repeats no value of the file. */
  message: string;
  /** Where it stands, from 1; absent where nobody can tell, as in a module. */
  line?: number;
  column?: number;
}

/** The most characters of a path or a message in a line. */
const most = 600;

/** One line: `headway.config.yaml:12:5 models[1].upstreams[0].url: must be …`. */
export function problemLine(file: string, { path, message, line, column }: ConfigProblem): string {
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  const field = path.length === 0 ? '' : ` ${shorten(formatPath(path))}`;
  return foreignText(`${place}${field}: ${shorten(message)}`);
}

function shorten(text: string): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
