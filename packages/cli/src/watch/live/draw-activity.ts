import type { Activity, GenerationInfo, ModelActivity, SlotActivity, Status } from '@headway/client';

import { count } from '../../terminal/count.ts';
import { interferenceLine } from '../../terminal/interference-line.ts';
import { endWords, modelWords, perSecond, queueWords, requestWords, shortTime, slotWords } from './activity-words.ts';
import { fit, span, widthOf, type Line, type Span, type Tone } from './line.ts';
import { sparkline } from './sparkline.ts';

/** What a look at a gateway found. */
export interface Look {
  url: string;
  status: Status;
  activity: Activity;
  /** The caller's generations that have ended, the newest first. */
  ended: readonly GenerationInfo[];
  /** How long the gateway has not answered, in ms; null while it does. */
  silentMs: number | null;
}

export interface Window {
  columns: number;
  rows: number;
}

interface Detail {
  /** Most rows of the queue, and of the ended requests. */
  queue: number;
  ended: number;
  /** Whether slots without a request of one's own have a row each. */
  allSlots: boolean;
  /** Whether the figures under the lists are shown. */
  figures: boolean;
  /** Whether models tell what reading prompts costs others. */
  interference: boolean;
  gaps: boolean;
}

/** From a high window to a low one. */
const details: readonly [Detail, ...Detail[]] = [
  { queue: 10, ended: 5, allSlots: true, figures: true, interference: true, gaps: true },
  { queue: 5, ended: 2, allSlots: true, figures: true, interference: false, gaps: true },
  { queue: 3, ended: 0, allSlots: false, figures: true, interference: false, gaps: true },
  { queue: 2, ended: 0, allSlots: false, figures: true, interference: false, gaps: false },
  { queue: 1, ended: 0, allSlots: false, figures: false, interference: false, gaps: false },
  { queue: 0, ended: 0, allSlots: false, figures: false, interference: false, gaps: false },
];

/** Draws what a gateway does in a window: as much of it as there is room for, the requests of one's own last of all left out. */
export function drawActivity(look: Look, { columns, rows }: Window): Line[] {
  const drawn = details.map((detail) => drawLines(look, columns, detail));
  const lines = drawn.find(({ length }) => length <= rows) ?? drawn.at(-1) ?? [];
  const fitted = lines.map((line) => fit(line, columns));
  if (fitted.length <= rows) return fitted;
  const left = fitted.length - Math.max(0, rows - 1);
  return [...fitted.slice(0, Math.max(0, rows - 1)), fit([span(`… ${count(left, 'more line')}`, 'soft')], columns)];
}

function drawLines(look: Look, columns: number, detail: Detail): Line[] {
  const { activity, status } = look;
  const own = new Map(activity.generations.map((info) => [info.id, info]));
  const sections: Line[][] = [
    drawHead(look),
    ...activity.models.map((model) => drawModel(model, { status, own, columns, detail })),
    drawQueue(activity, detail),
    ...(detail.figures ? [drawFigures(activity, columns)] : []),
    drawEnded(look.ended.slice(0, detail.ended), columns),
  ];
  const gap: Line[] = detail.gaps ? [[]] : [];
  return sections
    .filter(({ length }) => length > 0)
    .flatMap((section, at) => (at === 0 ? section : [...gap, ...section]));
}

function drawHead({ url, status, silentMs }: Look): Line[] {
  const head: Line = [span('Headway', 'strong'), span(` ${status.version}, ${url}`, 'soft')];
  if (silentMs !== null) {
    return [head, [span(`No answer from the gateway for ${shortTime(silentMs)}; trying again`, 'fail')]];
  }
  if (!status.draining) return [head];
  return [head, [span('The gateway is shutting down: it ends what runs', 'wait')]];
}

interface ModelContext {
  status: Status;
  own: ReadonlyMap<string, GenerationInfo>;
  columns: number;
  detail: Detail;
}

function drawModel(model: ModelActivity, { status, own, columns, detail }: ModelContext): Line[] {
  const tone = model.state === 'failed' ? 'fail' : model.state === 'ready' ? 'plain' : 'wait';
  const lines: Line[] = [[span(model.id, 'strong'), span(`  ${modelWords(model)}`, tone)]];
  const info = status.models.find(({ id }) => id === model.id);
  const delay = detail.interference && info && interferenceLine(info);
  if (delay) lines.push([span(`  ${delay}`, 'soft')]);
  if (model.state !== 'ready') return lines;
  const seen = new Set<string>();
  const folded: SlotActivity[] = [];
  model.slots.forEach((slot, at) => {
    const number = span(`${String(at + 1).padStart(3)}  `, 'soft');
    const { generation } = slot;
    if (generation === null) {
      if (detail.allSlots) lines.push([number, span(slotWords(slot), slot.busy ? 'plain' : 'soft')]);
      else folded.push(slot);
    } else if (!seen.has(generation)) {
      seen.add(generation);
      lines.push(drawRequest(number, generation, own.get(generation), columns));
    } else if (detail.allSlots) {
      lines.push([number, span('the same request', 'soft')]);
    }
  });
  if (folded.length > 0) lines.push([span(`     ${foldedWords(folded)}`, 'soft')]);
  return lines;
}

function foldedWords(slots: readonly SlotActivity[]): string {
  const busy = slots.filter((slot) => slot.busy).length;
  const parts = [
    [busy, 'in use by others'],
    [slots.length - busy, 'idle'],
  ] as const;
  return parts.flatMap(([number, words]) => (number > 0 ? [`${number} ${words}`] : [])).join(', ');
}

/** A window with fewer columns has no bar. */
const leastForBar = 64;
const barCells = 16;
/** Fewer characters of an id say nothing. */
const leastOfId = 6;

function drawRequest(number: Span, id: string, info: GenerationInfo | undefined, columns: number): Line {
  if (!info) return [number, span(`beginning or ending  ${id}`)];
  const bar = columns >= leastForBar ? drawBar(info) : [];
  const tone: Tone = info.state === 'decode' ? 'write' : info.ahead ? 'wait' : 'read';
  return withId([number, ...bar, span(requestWords(info), tone)], id, columns);
}

function withId(line: Line, id: string, columns: number): Line {
  const room = columns - widthOf(line) - 2;
  return room < Math.min(leastOfId, id.length) ? line : [...line, span(`  ${id}`, 'soft')];
}

function drawBar({ state, processed, cached, total }: GenerationInfo): Line {
  if (state !== 'prefill' || processed === null || cached === null || !total) return [];
  const upTo = (tokens: number) => Math.floor((barCells * tokens) / total);
  return [
    span('▓'.repeat(upTo(cached)), 'cached'),
    span('█'.repeat(upTo(processed) - upTo(cached)), 'read'),
    span('░'.repeat(barCells - upTo(processed)), 'soft'),
    span(' '),
  ];
}

function drawQueue({ models, queue }: Activity, { queue: most }: Detail): Line[] {
  const waiting = Math.max(
    queue.length,
    models.reduce((sum, { queued }) => sum + queued, 0),
  );
  if (waiting === 0) return [];
  const several = models.length > 1;
  const rows = queue.slice(0, most).map((one): Line => {
    const model = several ? [span(`  ${one.model}`, 'soft')] : [];
    const who = span(`  ${one.generation ?? "another key's"}`, 'soft');
    return [span(`  ${queueWords(one)}`, one.generation === null ? 'plain' : 'wait'), ...model, who];
  });
  const more = waiting - rows.length;
  return [
    [span('Queue', 'strong'), span(`  ${count(waiting, 'request')}`)],
    ...rows,
    ...(most > 0 && more > 0 ? [[span(`  … ${more.toLocaleString('en')} more`, 'soft')]] : []),
  ];
}

function drawFigures({ rates, cache, connections, models, memory }: Activity, columns: number): Line[] {
  const rate = (name: string, values: readonly number[], tone: Tone): Line => {
    const now = `${perSecond(values.at(-1) ?? 0).padStart(7)} tokens/s  `;
    return [span(name, 'strong'), span(now), span(sparkline(values, columns - name.length - now.length), tone)];
  };
  const held = models.flatMap(({ slots }) => slots.map(({ heldTokens }) => heldTokens ?? 0)).reduce((a, b) => a + b, 0);
  const { promptTokens, cachedTokens } = cache;
  const reused = promptTokens === 0 ? '' : `, ${Math.round((100 * cachedTokens) / promptTokens)} % reused`;
  const { sockets, viewers } = connections;
  const open = sockets === undefined ? [] : [count(sockets, 'socket')];
  const used = memory ? [span(`, ${Math.round((100 * memory.used) / memory.limit)} % of the memory for models`)] : [];
  return [
    rate('Read ', rates.prefill, 'read'),
    rate('Write', rates.decode, 'write'),
    [span('Cache', 'strong'), span(`  ${count(held, 'token')} held${reused}`), ...used],
    [span('Open ', 'strong'), span(`  ${[...open, count(viewers, 'viewer')].join(', ')}`)],
  ];
}

function drawEnded(ended: readonly GenerationInfo[], columns: number): Line[] {
  if (ended.length === 0) return [];
  const rows = ended.map((info): Line => {
    const { words, failed } = endWords(info);
    return withId([span(`  ${words}`, failed ? 'fail' : 'plain')], info.id, columns);
  });
  return [[span('Ended', 'strong')], ...rows];
}
