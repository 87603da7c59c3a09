import type { CancelOptions, HeadwayClient } from '@headway/client';
import { LiveGeneration, type GenerationEvent } from '@headway/protocol';
import { sampleError } from '@headway/protocol/testing';

import { createMemoryShelf } from '../storage/memory-shelf.ts';
import type { Shelf } from '../storage/shelf.ts';
import { createChats, type Chats } from './chats.ts';
import { createLibrary, type Library } from './library.ts';

/** A gateway that all tabs share. The test makes its events. */
export class FakeGateway {
  readonly #logs = new Map<string, GenerationEvent[]>();
  readonly #views = new Map<string, Set<LiveGeneration>>();
  readonly cancelled: string[] = [];
  /** The requests that it got, by id. */
  readonly requests = new Map<string, object>();

  /** Takes a request, as it does at once for a tab that is connected. */
  take(id: string, request: object = {}): void {
    this.requests.set(id, request);
    this.#logs.set(id, []);
  }

  knows(id: string): boolean {
    return this.#logs.has(id);
  }

  /** Forgets all, like a gateway that starts again. */
  restart(): void {
    const views = [...this.#views];
    this.#logs.clear();
    this.#views.clear();
    for (const [id, open] of views)
      for (const view of open) view.push(sampleError({ id, code: 'generation-not-found' }));
  }

  push(id: string, ...events: GenerationEvent[]): void {
    this.#logs.get(id)?.push(...events);
    for (const view of this.#views.get(id) ?? []) for (const event of events) view.push({ ...event });
  }

  view(id: string): LiveGeneration {
    const view = new LiveGeneration({ id, onCancel: () => this.cancelled.push(id) });
    const log = this.#logs.get(id);
    if (!log) view.push(sampleError({ id, code: 'generation-not-found' }));
    for (const event of log ?? []) view.push({ ...event });
    const views = this.#views.get(id) ?? new Set();
    this.#views.set(id, views.add(view));
    return view;
  }

  /** Breaks the views of one tab for good. */
  lose(views: Iterable<LiveGeneration>): void {
    for (const view of views) {
      for (const others of this.#views.values()) others.delete(view);
      view.push(sampleError({ id: view.id, code: 'connection-lost', retryable: true }));
    }
  }
}

/** A tab's connection to the gateway. */
export class FakeClient {
  readonly watched: string[] = [];
  readonly views: LiveGeneration[] = [];
  readonly cancels: string[] = [];
  readonly #listeners = new Set<() => void>();
  /** Whether requests reach the gateway; others wait until the test sends them. */
  reaches = true;
  readonly waiting: { id: string; view: LiveGeneration }[] = [];
  phase: 'open' | 'idle' = 'open';

  readonly gateway: FakeGateway;

  constructor(gateway: FakeGateway) {
    this.gateway = gateway;
  }

  readonly connection = {
    getState: () => ({ phase: this.phase, transport: null }),
    subscribe: (listener: () => void) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
  };

  become(phase: 'open' | 'idle'): void {
    this.phase = phase;
    for (const listener of this.#listeners) listener();
  }

  readonly generate = (input: { id?: string }) => {
    const id = input.id ?? '';
    if (this.reaches) this.gateway.take(id, input);
    const view = this.reaches ? this.gateway.view(id) : new LiveGeneration({ id, onCancel: () => undefined });
    if (!this.reaches) this.waiting.push({ id, view });
    this.views.push(view);
    return view;
  };

  readonly watch = (id: string) => {
    this.watched.push(id);
    const view = this.gateway.view(id);
    this.views.push(view);
    return view;
  };

  readonly cancel = async (id: string, { index }: CancelOptions = {}) => {
    this.cancels.push(index === undefined ? id : `${id} ${index}`);
    return true;
  };
}

/** The channel between tabs: each message reaches all the others. */
export function createChannels() {
  const tabs = new Set<(event: MessageEvent) => void>();
  return () => {
    let own: ((event: MessageEvent) => void) | null = null;
    return {
      postMessage(data: unknown) {
        for (const tab of tabs) if (tab !== own) queueMicrotask(() => tab(new MessageEvent('message', { data })));
      },
      addEventListener(_type: string, listener: unknown) {
        own = listener as (event: MessageEvent) => void;
        tabs.add(own);
      },
      close() {
        if (own) tabs.delete(own);
      },
    } as Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'close'>;
  };
}

export interface Tab {
  client: FakeClient;
  chats: Chats;
  library: Library;
  close(): void;
}

/** A browser whose tabs share a shelf and a gateway. */
export function createBrowser({ shelf = createMemoryShelf() }: { shelf?: Shelf } = {}) {
  const gateway = new FakeGateway();
  const channel = createChannels();
  const clock = { now: 1_000_000 };
  const openTab = async (show: string | null = null): Promise<Tab> => {
    const client = new FakeClient(gateway);
    const library = createLibrary(shelf, channel(), () => clock.now);
    const chats = createChats(client as unknown as HeadwayClient, library, () => clock.now++);
    await library.open(show);
    return {
      client,
      chats,
      library,
      close() {
        chats.close();
        library.close();
      },
    };
  };
  return { shelf, gateway, clock, openTab };
}

/** Waits until everything that is due has been done. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve));
}
