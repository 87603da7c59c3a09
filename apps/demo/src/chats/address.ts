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
  let known: string | null = null;
  const onAddress = async () => {
    const asked = location.hash;
    await library.open(addressedConversation(asked));
    // One that does not exist, or was deleted, shows a new conversation.
    if (location.hash === asked && addressedConversation(asked) !== known)
      history.replaceState(null, '', addressOf(known));
  };
  const listen = () => void onAddress();
  globalThis.addEventListener('hashchange', listen);
  const unsubscribe = library.subscribe(() => {
    const { current } = library.getState();
    const id = current?.id ?? null;
    if (id === known) return;
    known = id;
    // A new conversation gets its address with its first message, and a deleted one loses it.
    if (addressedConversation(location.hash) !== id) history.pushState(null, '', addressOf(id));
  });
  listen();
  return () => {
    globalThis.removeEventListener('hashchange', listen);
    unsubscribe();
  };
}
