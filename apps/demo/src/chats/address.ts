import type { Library } from './library.ts';

const prefix = '#chat/';

/** The conversation that the page's address names; null for a new one. A reload, the back button and a bookmark keep it. */
export function addressedConversation(hash: string): string | null {
  const id = hash.startsWith(prefix) ? hash.slice(prefix.length) : '';
  return /^[\w-]{1,64}$/.test(id) ? id : null;
}

export function addressOf(conversation: string | null): string {
  return conversation === null ? '#' : `${prefix}${conversation}`;
}

/** Shows another conversation; null a new one. */
export function showConversation(id: string | null): void {
  location.hash = addressOf(id);
}

/** Shows the conversation that the page's address names, and keeps the address up to date. Returns a function that ends it. */
export function followAddress(library: Library): () => void {
  const onAddress = () => void library.open(addressedConversation(location.hash));
  globalThis.addEventListener('hashchange', onAddress);
  const unsubscribe = library.subscribe(() => {
    const { ready, current } = library.getState();
    const id = current?.id ?? null;
    // A new conversation gets its address with its first message, and a deleted one loses it.
    if (ready && addressedConversation(location.hash) !== id) history.pushState(null, '', addressOf(id));
  });
  onAddress();
  return () => {
    globalThis.removeEventListener('hashchange', onAddress);
    unsubscribe();
  };
}
