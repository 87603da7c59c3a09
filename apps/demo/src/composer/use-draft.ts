import { createGenerationId, maxBodyBytes } from '@headway/protocol';
import { useCallback, useEffect, useReducer, useRef } from 'react';

import type { DroppedEntry } from '../documents/folder/entries-of.ts';
import { changeDraft, initialDraftState } from './draft-state.ts';
import type { Draft } from './draft.ts';

const maxBytes = maxBodyBytes;

/** The unsent message, the files that are being read for it, and what the user should know of the last ones. */
export function useDraft() {
  const [state, change] = useReducer(changeDraft, initialDraftState);
  const running = useRef(new Map<string, AbortController>());
  // What is attached first is read first, so that documents come in the order of their attachment.
  const before = useRef<Promise<unknown>>(Promise.resolve());

  const stopReading = useCallback((id: string) => {
    running.current.get(id)?.abort();
    running.current.delete(id);
    change({ type: 'read-all', id, told: [] });
  }, []);

  const stopAll = useCallback(() => {
    for (const id of running.current.keys()) stopReading(id);
  }, [stopReading]);
  useEffect(() => stopAll, [stopAll]);

  const attach = useCallback((attached: readonly File[] | readonly DroppedEntry[]) => {
    const id = createGenerationId();
    const stop = new AbortController();
    const { signal } = stop;
    running.current.set(id, stop);
    const onProgress = (words: string) => change({ type: 'read', reading: { id, words } });
    const turn = before.current;
    const read = async (): Promise<string[]> => {
      await turn;
      try {
        signal.throwIfAborted();
        // Not needed for a message without files.
        const { readAttached } = await import('../documents/read-attached.ts');
        return await readAttached(attached, {
          maxBytes,
          signal,
          onProgress,
          onDocument: (document) => change({ type: 'attach', document, maxBytes }),
        });
      } catch {
        return signal.aborted ? [] : ['The files could not be read. Are they still there, and does the gateway run?'];
      }
    };
    onProgress('Reading files');
    before.current = read().then((told) => {
      // A stopped reading has ended already.
      if (running.current.delete(id)) change({ type: 'read-all', id, told });
    });
  }, []);

  const attachPasted = useCallback((text: string) => change({ type: 'paste', text, maxBytes }), []);
  const write = useCallback((text: string) => change({ type: 'write', text }), []);
  const remove = useCallback((id: string) => change({ type: 'remove', id }), []);
  const changeForm = useCallback((id: string) => change({ type: 'change-form', id }), []);
  const setNotice = useCallback((notice: string | null) => change({ type: 'notice', notice }), []);
  const replace = useCallback(
    (draft: Draft) => {
      stopAll();
      change({ type: 'replace', draft });
    },
    [stopAll],
  );

  return {
    ...state,
    write,
    attach,
    attachPasted,
    remove,
    changeForm,
    replace,
    setNotice,
    stopReading,
  };
}
