import { z } from 'zod';

import { errorCodes } from '../errors/error-code.ts';

export const errorCode = z.enum(errorCodes);
