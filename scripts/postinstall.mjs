import { install } from './install.mjs';

// pnpm runs this script too, at the end of the install that `install` starts. Only a run by npm may start one.
if (process.env.npm_config_user_agent?.startsWith('npm/')) install();
