/** The sample from its photos to its contact sheet. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PresetName } from '../engine/pipeline/reconstruction.js';
import { writeFileAtomic } from '../host/atomic-write.js';
import { openCapture } from '../host/run/capture-input.js';
import type { BackendChoice } from '../host/run/compose.js';
import { listenForInterrupt } from './interrupt.js';
import { prepareOutputFolder } from './output.js';
import { showProgress } from './progress.js';
import type { RunOutcome } from '../host/run/run-report.js';
import { buildReport } from '../host/run/run-report.js';
import type { RunRequest } from '../host/run/run-reconstruction.js';
import { runReconstruction } from '../host/run/run-reconstruction.js';
import { readTestNames } from './sample-capture.js';
import { SampleSheet } from './sample-sheet.js';
import { formatCount, formatDuration } from '../host/run/format-text.js';
import { printJsonLine, printLine } from './terminal.js';

export interface SampleOptions {
  readonly output: string;
  readonly preset: PresetName;
  readonly iterations?: number;
  readonly backend: BackendChoice;
  readonly threads?: number;
  readonly seed: number;
  readonly depthModel: string;
  readonly json?: boolean;
}

const SAMPLE_CAPTURE = fileURLToPath(new URL('../assets/sample', import.meta.url));

function pathIn(folder: string, extension: string): string {
  return join(folder, `sample.${extension}`);
}

function summarize({ written, settings, totalMs, heldOut, reconstruction }: RunOutcome, folder: string): string[] {
  const unseen = settings.heldOutViews.length;
  return [
    '',
    `${reconstruction.stopped ? 'Stopped early' : 'Done'}: ${settings.trainViews.length} photos became ${formatCount(written.count)} Gaussians in ${formatDuration(totalMs)}.`,
    ...(heldOut === null
      ? []
      : [
          `Seen from ${unseen} places that training never saw: PSNR ${heldOut.mean.psnr.toFixed(2)} dB, SSIM ${heldOut.mean.ssim.toFixed(3)}.`,
        ]),
    '',
    `  ${pathIn(folder, 'png')}   look at this first: the truth above, our view below, then views from new places`,
    `  ${pathIn(folder, 'ply')}   the scene, for any viewer of Gaussian splats`,
    `  ${pathIn(folder, 'json')}  scores, timings, versions`,
    '',
    'Now your own photos: npx vantage reconstruct <capture> -o scene.ply',
  ];
}

async function openSample(): Promise<Pick<RunRequest, 'capture' | 'split'>> {
  const capture = await openCapture(SAMPLE_CAPTURE);
  const testNames = await readTestNames(SAMPLE_CAPTURE);
  const split = {
    train: capture.views.filter((view) => !testNames.has(view.name)),
    heldOut: capture.views.filter((view) => testNames.has(view.name)),
  };
  return { capture, split };
}

/** Reconstructs the bundled capture and writes sample.ply, sample.png and sample.json into `options.output`. */
export async function runSample(options: SampleOptions): Promise<void> {
  const folder = options.output;
  const { capture, split } = await openSample();
  await prepareOutputFolder(folder);
  const interrupt = listenForInterrupt();
  const progress = showProgress(options.json === true);
  const sheet = new SampleSheet();
  try {
    const { outcome } = await runReconstruction(
      {
        ...options,
        output: pathIn(folder, 'ply'),
        capture,
        split,
        compact: false,
        listener: progress.listener,
        signal: interrupt.signal,
      },
      {
        onScored: (scored) => sheet.addHeldOut(scored),
        onFinished: ({ reconstruction, trainViews }, engine) =>
          sheet.drawNovel(engine.splatting, reconstruction.splats, trainViews),
      },
    );
    progress.finish();
    await writeFileAtomic(pathIn(folder, 'png'), await sheet.encode());
    const report = buildReport(outcome);
    await writeFileAtomic(pathIn(folder, 'json'), `${JSON.stringify(report, null, 2)}\n`);
    if (options.json === true) printJsonLine({ type: 'result', ...report });
    else summarize(outcome, folder).forEach((line) => printLine(line));
  } finally {
    progress.finish();
    interrupt.release();
  }
}
