import type { Runs } from '../chats/runs.ts';
import { SentDocument } from '../documents/sent-document.tsx';
import type { TextDocument } from '../documents/text-document.ts';
import { DocumentFill } from '../prefill/document-fill.tsx';
import { documentSpans } from '../prefill/document-spans.ts';
import type { Reply } from '../storage/records.ts';
import { useReply } from '../chats/use-reply.ts';

interface SentDocumentsProps {
  documents: readonly TextDocument[];
  reply: Reply | null;
  runs: Pick<Runs, 'get'>;
}

/** The documents of a message. Each fills while the model reads it. */
export function SentDocuments({ documents, reply, runs }: SentDocumentsProps) {
  const { state, spans } = useReply(reply, runs);
  const read = state === 'prefill' ? documentSpans(documents, spans) : [];
  return (
    <div className="sent-documents">
      {documents.map((document, at) => {
        const span = read[at];
        return (
          <div className="read-document" key={document.id}>
            <SentDocument document={document} />
            {span && <DocumentFill span={span} />}
          </div>
        );
      })}
    </div>
  );
}
