import { StrictMode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';

import { textBeforeStart } from './composer/text-before-start.ts';
import { Root } from './root.tsx';
import './styles/index.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

const page = (
  <StrictMode>
    <Root />
  </StrictMode>
);
// At once, so that no key press gets lost between the prerendered box and this one.
flushSync(() => createRoot(root).render(page));
root.querySelector('textarea')?.setSelectionRange(textBeforeStart.length, textBeforeStart.length);
