import { createContext } from 'react';

/** Whether text may still be added to the block. */
export const Growing = createContext(false);
