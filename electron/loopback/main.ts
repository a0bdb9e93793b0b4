/** `npm run start:web`: the window in the system's browser. Only the address goes to the standard output. */
import { resolve } from 'node:path';
import { ArgumentError, parseWebArguments, USAGE } from './arguments.js';
import { buildRenderer, isRendererStale } from './built-renderer.js';
import { defaultDataFolder } from './data-folder.js';
import type { LoopbackHost } from './host.js';
import { startLoopbackHost } from './host.js';
import { openInBrowser } from './open-browser.js';

const note = (text: string): boolean => process.stderr.write(`${text}\n`);

async function prepareRenderer(): Promise<void> {
  if (!(await isRendererStale())) return;
  note("Building Vantage's window; this takes a moment …");
  await buildRenderer();
}

/** The first signal closes in good order, a second one at once. */
function closeOnSignals(host: LoopbackHost): Promise<void> {
  return new Promise((resolveClosed) => {
    let isClosing = false;
    const close = (): void => {
      if (isClosing) process.exit(130);
      isClosing = true;
      note('Vantage closes …');
      host.close().then(resolveClosed, () => process.exit(1));
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, close);
  });
}

async function run(words: readonly string[]): Promise<void> {
  const { open, port, dataFolder, paths } = parseWebArguments(words);
  await prepareRenderer();
  const host = await startLoopbackHost({ dataFolder: dataFolder ?? defaultDataFolder(), port });
  process.stdout.write(`Vantage at ${host.url}\n`);
  const closed = closeOnSignals(host);
  if (open && !(await openInBrowser(host.url))) note('No browser could be opened: open the address above yourself.');
  if (paths.length > 0)
    await host.service.importPicked(paths.map((path) => resolve(path))).catch((error: unknown) => note(String(error)));
  await closed;
}

/** Answers the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    await run(words);
    return 0;
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    if (error instanceof ArgumentError) note(`${message}\n${USAGE}`);
    else if (code === 'EADDRINUSE')
      note('This port is in use already. Choose another with --port, or leave --port out.');
    else note(`Vantage could not start: ${message}`);
    return error instanceof ArgumentError ? 2 : 1;
  }
}
