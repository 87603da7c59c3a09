import { config } from 'zod/v4/core';

// The gateway's content security policy allows no code from text, and zod would try it for each schema that it makes.
config({ jitless: true });
