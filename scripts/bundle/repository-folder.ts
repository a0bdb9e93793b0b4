import { fileURLToPath } from 'node:url';

export const REPOSITORY_FOLDER = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');
