import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { openFirstSession, Root } from './root.tsx';
import { openShelf } from './storage/open-shelf.ts';
import './styles/index.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

const shelf = await openShelf();
createRoot(root).render(
  <StrictMode>
    <Root shelf={shelf} first={openFirstSession(shelf)} />
  </StrictMode>,
);
