/** An event of a stream of server-sent events, up to its blank line, or a comment, which is one line and needs none. */
export interface SseRecord {
  event: string | null;
  id: string | null;
  /** Its data lines, joined; null without data lines. */
  data: string | null;
  comments: readonly string[];
}

/**
 * Splits a whole stream into records, comments included.
 *
 * @throws Error if the stream ends in the middle of a record, has a comment inside an event, a blank line after a comment,
 * or a line of another kind
 */
export function readSse(body: string): SseRecord[] {
  return recordTexts(body).map((record) => readRecord(record.split('\n')));
}

/** The complete records of an unfinished stream. */
export function wholeRecords(body: string): string {
  return /^(?::.*\n|(?:[^:\n].*\n)+\n)*/.exec(body)?.[0] ?? '';
}

/** The same, each record as its lines of text. @throws Error as `readSse`, but accepts lines of other kinds */
export function recordTexts(body: string): string[] {
  const records: string[] = [];
  let event: string[] = [];
  for (const line of body.split('\n').slice(0, -1)) {
    if (line !== '' && !(line.startsWith(':') && event.length === 0)) {
      if (line.startsWith(':')) throw new Error(`a comment inside an event: ${line}`);
      event.push(line);
      continue;
    }
    if (line === '' && event.length === 0) throw new Error('a blank line that ends no event');
    records.push(line === '' ? event.join('\n') : line);
    event = [];
  }
  if (event.length > 0 || !body.endsWith('\n')) {
    throw new Error(`a stream ended in the middle of a record: ${body.slice(-200)}`);
  }
  return records;
}

function readRecord(lines: readonly string[]): SseRecord {
  const comments: string[] = [];
  const data: string[] = [];
  let event: string | null = null;
  let id: string | null = null;
  for (const line of lines) {
    const [field, value] = splitLine(line);
    if (field === '') comments.push(value);
    else if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id') id = value;
    else throw new Error(`not a line of an event or a comment: ${line}`);
  }
  return { event, id, data: data.length > 0 ? data.join('\n') : null, comments };
}

/** The data of a record as JSON, null for those that have none, like `[DONE]`. */
export function jsonOf<Data = Record<string, unknown>>({ data }: SseRecord): Data | null {
  return data === null || data === '[DONE]' ? null : (JSON.parse(data) as Data);
}

function splitLine(line: string): [field: string | null, value: string] {
  const colon = line.indexOf(': ');
  return colon === -1 ? [null, line] : [line.slice(0, colon), line.slice(colon + 2)];
}

/** Whether a record of a chat stream has a piece of the answer. */
export function isChatToken(record: SseRecord): boolean {
  const chunk = jsonOf<{ choices: { delta: { content?: string | null } }[] }>(record);
  return Boolean(chunk?.choices?.[0]?.delta.content);
}
