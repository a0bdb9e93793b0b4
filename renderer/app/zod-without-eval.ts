/** Must be imported before any schema is made: zod's compiled parsers need `new Function`, which the content security policy refuses. */
import { config } from 'zod';

config({ jitless: true });
