/** What goes to the terminal: results to stdout, progress and complaints to stderr. */

/** One JSON value on one line of stdout. NaN and infinities become null, as JSON knows no such number. */
export function printJsonLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** A reader that goes away early (`| head`) ends neither the run nor in a stack trace. */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
}

export function printLine(line = ''): void {
  process.stdout.write(`${line}\n`);
}

export function printNote(line: string): void {
  process.stderr.write(`${line}\n`);
}
