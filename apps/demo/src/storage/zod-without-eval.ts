import { config } from 'zod';

// The page's security policy forbids to make code from text. Without this, zod tries it when a schema is made, and the browser
// reports each try.
config({ jitless: true });
