import { Presets, SingleBar } from 'cli-progress';
import type { PipelineEvent, PipelineListener, PipelineStage } from '../engine/pipeline/events.js';
import { formatCount, formatDuration } from '../host/run/format-text.js';
import { printJsonLine, printNote } from './terminal.js';

/** Shows a running pipeline; `finish` must be called before anything else is printed. */
export interface ProgressView {
  readonly listener: PipelineListener;
  finish(): void;
}

/** Without a terminal a line this often is enough to see that it lives. */
const PLAIN_INTERVAL_MS = 5000;
const MAX_DETAIL_LENGTH = 60;
/** The longest title of a stage, so that the bars stand under each other. */
const TITLE_WIDTH = 36;

function describeIteration(event: Extract<PipelineEvent, { type: 'iteration' }>): string {
  const parts = [
    `${event.iteration}/${event.iterations}`,
    `loss ${event.loss.toFixed(4)}`,
    `${formatCount(event.gaussianCount)} Gaussians`,
  ];
  if (event.etaMs > 0) parts.push(`${formatDuration(event.etaMs)} left`);
  return parts.join(', ');
}

function showJson(): ProgressView {
  return { listener: printJsonLine, finish: () => undefined };
}

/** Lines on stderr: each stage when it starts and ends, and one now and then between. */
function showLines(): ProgressView {
  let lastMs = 0;
  const titles = new Map<PipelineStage, string>();
  const occasionally = (line: string): void => {
    const now = performance.now();
    if (now - lastMs < PLAIN_INTERVAL_MS) return;
    lastMs = now;
    printNote(line);
  };
  const listener: PipelineListener = (event) => {
    if (event.type === 'stage-started') {
      titles.set(event.stage, event.title);
      lastMs = performance.now();
      printNote(`${event.title} …`);
    } else if (event.type === 'progress')
      occasionally(`  ${Math.round(event.fraction * 100)} % ${event.detail}`.trimEnd());
    else if (event.type === 'iteration') occasionally(`  ${describeIteration(event)}`);
    else if (event.type === 'stage-finished')
      printNote(`${titles.get(event.stage) ?? event.stage}: ${formatDuration(event.elapsedMs)}`);
    else if (event.type === 'evaluation') occasionally(`  held-out views: ${event.psnr.toFixed(2)} dB`);
    else printNote(`warning: ${event.message}`);
  };
  return { listener, finish: () => undefined };
}

/** One bar a stage on stderr, left standing with its duration when the stage is over. */
function showBars(): ProgressView {
  let bar: SingleBar | null = null;
  let title = '';
  const stop = (detail?: string): void => {
    if (bar === null) return;
    if (detail !== undefined) bar.update(1, { detail });
    bar.stop();
    bar = null;
  };
  const start = (): void => {
    bar = new SingleBar(
      {
        format: `${title.padEnd(TITLE_WIDTH)} {bar} {percentage} % {detail}`,
        barsize: 24,
        hideCursor: true,
        stream: process.stderr,
        // Ctrl-C must reach our own handler, which keeps what there is.
        gracefulExit: false,
      },
      Presets.shades_classic,
    );
    bar.start(1, 0, { detail: '' });
  };
  const listener: PipelineListener = (event) => {
    if (event.type === 'stage-started') {
      stop();
      title = event.title;
      start();
    } else if (event.type === 'progress')
      bar?.update(event.fraction, { detail: event.detail.slice(0, MAX_DETAIL_LENGTH) });
    else if (event.type === 'iteration')
      bar?.update(event.iteration / event.iterations, { detail: describeIteration(event) });
    else if (event.type === 'stage-finished') stop(formatDuration(event.elapsedMs));
    else if (event.type === 'warning') {
      const wasRunning = bar !== null;
      stop();
      printNote(`warning: ${event.message}`);
      if (wasRunning) start();
    }
  };
  return { listener, finish: stop };
}

/** Picks how progress is shown: events for `--json`, bars on a terminal, lines elsewhere. */
export function showProgress(asJson: boolean): ProgressView {
  if (asJson) return showJson();
  return process.stderr.isTTY ? showBars() : showLines();
}
