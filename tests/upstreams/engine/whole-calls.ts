import type { ScriptedCall } from '../upstream-script.ts';
import type { EngineEvent, ReplyToken } from './simulated-engine.ts';

/** A call once all its arguments are there. */
export interface WholeCall {
  type: 'whole-call';
  choice: number;
  index: number;
  call: ScriptedCall;
  tokens: ReplyToken[];
}

/** The events of an engine with each call in one. */
export async function* wholeCalls(
  events: AsyncIterable<EngineEvent>,
): AsyncGenerator<Exclude<EngineEvent, { type: 'call' }> | WholeCall> {
  const open = new Map<number, WholeCall>();
  for await (const event of events) {
    if (event.type === 'progress') {
      yield event;
      continue;
    }
    const { choice } = event;
    const before = open.get(choice);
    if (event.type !== 'call') {
      open.delete(choice);
      if (before) yield before;
      yield event;
    } else if (before && !event.part.starts) {
      before.call.arguments += event.part.arguments;
      before.tokens.push(...event.tokens);
    } else {
      const { index, call, arguments: args } = event.part;
      if (before) yield before;
      open.set(choice, { type: 'whole-call', choice, index, call: { ...call, arguments: args }, tokens: event.tokens });
    }
  }
}
