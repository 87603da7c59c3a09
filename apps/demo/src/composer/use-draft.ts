import { maxBodyBytes } from '@headway/protocol';
import { useCallback, useState } from 'react';

import { readFile } from '../documents/read-file.ts';
import { pastedDocument } from '../documents/text-document.ts';
import { emptyDraft, type Draft } from './draft.ts';

/** The unsent message, and why the last attachment was refused. */
export function useDraft() {
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [notice, setNotice] = useState<string | null>(null);

  const write = useCallback((text: string) => {
    setDraft((before) => ({ ...before, text }));
    setNotice(null);
  }, []);

  const attachFiles = useCallback((files: File[]) => {
    // readFile never rejects: it returns the problem.
    void Promise.all(files.map((file) => readFile(file, maxBodyBytes))).then((readings) => {
      const documents = readings.flatMap((reading) => ('document' in reading ? reading.document : []));
      const problems = readings.flatMap((reading) => ('problem' in reading ? reading.problem : []));
      setDraft((before) => ({ ...before, documents: [...before.documents, ...documents] }));
      setNotice(problems.length > 0 ? problems.join(' ') : null);
    });
  }, []);

  const attachPasted = useCallback((text: string) => {
    setDraft((before) => ({ ...before, documents: [...before.documents, pastedDocument(text, before.documents)] }));
    setNotice(null);
  }, []);

  const remove = useCallback((id: string) => {
    setDraft((before) => ({ ...before, documents: before.documents.filter((document) => document.id !== id) }));
    setNotice(null);
  }, []);

  const replace = useCallback((next: Draft) => {
    setDraft(next);
    setNotice(null);
  }, []);

  return { draft, notice, write, attachFiles, attachPasted, remove, replace, setNotice };
}
