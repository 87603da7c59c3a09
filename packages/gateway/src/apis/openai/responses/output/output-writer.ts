import type { TokenEvent, ToolCallHead } from '@headway/protocol';

import type { ToolName } from '../../../../surface/tools/tool-namespaces.ts';
import {
  calledAs,
  outputLogprob,
  outputText,
  type FunctionCallItem,
  type ItemStatus,
  type MessageItem,
  type OutputItem,
  type OutputText,
  type ReasoningItem,
  type ReasoningText,
} from './output-item.ts';

/** A change of the output: an event of OpenAI's stream without its number. */
export interface OutputChange {
  type: `response.${string}`;
  output_index: number;
  [field: string]: unknown;
}

/** The item that is being written, with its growing part. */
type OpenItem =
  | { kind: 'content'; item: MessageItem; part: OutputText }
  | { kind: 'reasoning'; item: ReasoningItem; part: ReasoningText }
  | { kind: 'tool-call'; item: FunctionCallItem; index: number };

/**
 * Builds a response's output item by item (reasoning, text, calls) in the order in which the model writes them. The
 * changes that it returns have copies of the items, which may still grow.
 */
export class OutputWriter {
  /** The items so far. */
  readonly items: OutputItem[] = [];
  readonly #generationId: string;
  readonly #toolNames: ReadonlyMap<string, ToolName>;
  #open: OpenItem | null = null;
  #reasoningTokens = 0;

  /** `toolNames`: the client's names for functions in namespaces. */
  constructor(generationId: string, toolNames: ReadonlyMap<string, ToolName> = new Map()) {
    this.#generationId = generationId;
    this.#toolNames = toolNames;
  }

  get reasoningTokens(): number {
    return this.#reasoningTokens;
  }

  write(event: TokenEvent): OutputChange[] {
    const { channel, text, count, logprobs = [], toolCall } = event;
    if (channel === 'reasoning') this.#reasoningTokens += count;
    switch (channel) {
      case 'content':
        // A token may come before its text, which the engine holds back.
        return text === '' && logprobs.length === 0 ? [] : this.#text(text, logprobs.map(outputLogprob));
      case 'reasoning':
        return text === '' ? [] : this.#reasoning(text);
      case 'tool-call':
        return toolCall ? this.#call(toolCall, text) : [];
      default:
        return channel satisfies never;
    }
  }

  /** Ends the output. An empty answer becomes an empty message. */
  end(status: Exclude<ItemStatus, 'in_progress'>): OutputChange[] {
    const opened = this.items.length === 0 ? this.#openMessage().changes : [];
    return [...opened, ...this.#close(status)];
  }

  /** Ends the output without changes for the open item's end. */
  abandon(): void {
    if (this.#open) this.#open.item.status = 'incomplete';
    this.#open = null;
  }

  #text(delta: string, logprobs: OutputText['logprobs']): OutputChange[] {
    const { open, changes } = this.#open?.kind === 'content' ? { open: this.#open, changes: [] } : this.#openMessage();
    open.part.text += delta;
    open.part.logprobs.push(...logprobs);
    return [...changes, this.#change('response.output_text.delta', { content_index: 0, delta, logprobs })];
  }

  #reasoning(delta: string): OutputChange[] {
    const { open, changes } =
      this.#open?.kind === 'reasoning' ? { open: this.#open, changes: [] } : this.#openReasoning();
    open.part.text += delta;
    return [...changes, this.#change('response.reasoning_text.delta', { content_index: 0, delta })];
  }

  #call(head: ToolCallHead, delta: string): OutputChange[] {
    const { open, changes } =
      this.#open?.kind === 'tool-call' && this.#open.index === head.index
        ? { open: this.#open, changes: [] }
        : this.#openCall(head);
    if (delta === '') return changes;
    open.item.arguments += delta;
    return [...changes, this.#change('response.function_call_arguments.delta', { delta })];
  }

  #openMessage() {
    const item: MessageItem = { id: this.#nextId('msg'), type: 'message', role: 'assistant', ...begun, content: [] };
    return this.#begin({ kind: 'content', item, part: outputText() });
  }

  #openReasoning() {
    const item: ReasoningItem = { id: this.#nextId('rs'), type: 'reasoning', ...begun, summary: [], content: [] };
    return this.#begin({ kind: 'reasoning', item, part: { type: 'reasoning_text', text: '' } });
  }

  #openCall({ index, id, name }: ToolCallHead) {
    const item: FunctionCallItem = {
      id: this.#nextId('fc'),
      type: 'function_call',
      ...begun,
      call_id: id,
      ...calledAs(name, this.#toolNames),
      arguments: '',
    };
    return this.#begin({ kind: 'tool-call', item, index });
  }

  #begin<Open extends OpenItem>(open: Open): { open: Open; changes: OutputChange[] } {
    const changes = this.#close('completed');
    this.#open = open;
    this.items.push(open.item);
    changes.push(this.#itemChange('response.output_item.added', open.item));
    if (open.kind !== 'tool-call') {
      addPart(open);
      changes.push(this.#change('response.content_part.added', { content_index: 0, part: structuredClone(open.part) }));
    }
    return { open, changes };
  }

  #close(status: Exclude<ItemStatus, 'in_progress'>): OutputChange[] {
    const open = this.#open;
    if (!open) return [];
    open.item.status = status;
    const changes = [...this.#ends(open), this.#itemChange('response.output_item.done', open.item)];
    this.#open = null;
    return changes;
  }

  #ends(open: OpenItem): OutputChange[] {
    switch (open.kind) {
      case 'content': {
        const { text, logprobs } = open.part;
        return [
          this.#change('response.output_text.done', { content_index: 0, text, logprobs }),
          this.#change('response.content_part.done', { content_index: 0, part: open.part }),
        ];
      }
      case 'reasoning':
        return [
          this.#change('response.reasoning_text.done', { content_index: 0, text: open.part.text }),
          this.#change('response.content_part.done', { content_index: 0, part: open.part }),
        ];
      case 'tool-call': {
        const { name, arguments: args } = open.item;
        return [this.#change('response.function_call_arguments.done', { name, arguments: args })];
      }
      default:
        return open satisfies never;
    }
  }

  #itemChange(type: OutputChange['type'], item: OutputItem): OutputChange {
    return { type, output_index: this.items.length - 1, item: structuredClone(item) };
  }

  #change(type: OutputChange['type'], fields: object): OutputChange {
    return { type, item_id: this.items.at(-1)?.id, output_index: this.items.length - 1, ...fields };
  }

  #nextId(prefix: string): string {
    return `${prefix}_${this.#generationId}_${this.items.length}`;
  }
}

const begun = { status: 'in_progress' } as const;

function addPart(open: Exclude<OpenItem, { kind: 'tool-call' }>): void {
  if (open.kind === 'content') open.item.content.push(open.part);
  else open.item.content.push(open.part);
}
