import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { openFirstSession, Root } from './root.tsx';
import { openShelf } from './storage/open-shelf.ts';
import './styles/index.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

// Not with a top-level await: parts that are loaded later could then share nothing with this file, and what they share would
// become a dozen small files of the first load.
void openShelf().then((shelf) =>
  createRoot(root).render(
    <StrictMode>
      <Root shelf={shelf} first={openFirstSession(shelf)} />
    </StrictMode>,
  ),
);
