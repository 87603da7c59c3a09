import { install } from './install.mjs';

// pnpm runs this script too, at the end of its own install.
if (process.env.npm_config_user_agent?.startsWith('npm/')) install();
