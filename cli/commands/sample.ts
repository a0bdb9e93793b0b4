import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { PresetName } from '../../engine/pipeline/reconstruction.js';
import { parseIterations, parseSeed, parseThreads } from '../arguments.js';
import type { BackendChoice } from '../compose.js';
import { AUTOMATIC_DEPTH_MODEL, BACKEND_CHOICES } from '../compose.js';
import { listenForInterrupt } from '../interrupt.js';
import { showProgress } from '../progress.js';
import { formatCount, formatDuration, printJsonLine, printLine } from '../terminal.js';

interface SampleOptions {
  readonly output: string;
  readonly preset: PresetName;
  readonly iterations?: number;
  readonly backend: BackendChoice;
  readonly threads?: number;
  readonly seed: number;
  readonly depthModel: string;
  readonly json?: boolean;
}

const SAMPLE_CAPTURE = fileURLToPath(new URL('../../assets/sample', import.meta.url));

const EXAMPLES = `
Five pictures of a modelled scene are trained on; three more, which training never sees, show how good the result is.
Writes sample.ply, sample.png (held-out views beside the truth, and views from where no camera stood) and sample.json.

Examples:
  vantage sample
  vantage sample --preset draft -o /tmp/sample`;

async function sample(options: SampleOptions): Promise<void> {
  const [
    { openCapture },
    { readTestNames },
    { prepareOutputFolder },
    { runReconstruction },
    { buildReport },
    { SampleSheet },
    { writeFileAtomic },
  ] = await Promise.all([
    import('../capture-input.js'),
    import('../sample-capture.js'),
    import('../output.js'),
    import('../run-reconstruction.js'),
    import('../report.js'),
    import('../sample-sheet.js'),
    import('../../host/atomic-write.js'),
  ]);
  const capture = await openCapture(SAMPLE_CAPTURE);
  const testNames = await readTestNames(SAMPLE_CAPTURE);
  const split = {
    train: capture.views.filter((view) => !testNames.has(view.name)),
    heldOut: capture.views.filter((view) => testNames.has(view.name)),
  };
  await prepareOutputFolder(options.output);
  const path = (extension: string): string => join(options.output, `sample.${extension}`);

  const interrupt = listenForInterrupt();
  const progress = showProgress(options.json === true);
  const sheet = new SampleSheet();
  try {
    const { outcome } = await runReconstruction(
      {
        ...options,
        output: path('ply'),
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
    await writeFileAtomic(path('png'), await sheet.encode());
    const report = buildReport(outcome);
    await writeFileAtomic(path('json'), `${JSON.stringify(report, null, 2)}\n`);
    if (options.json === true) return printJsonLine({ type: 'result', ...report });
    const { mean } = outcome.heldOut ?? {};
    printLine();
    printLine(
      `Done: ${split.train.length} photos became ${formatCount(outcome.written.count)} Gaussians in ${formatDuration(outcome.totalMs)}.`,
    );
    if (mean !== undefined)
      printLine(
        `Seen from ${split.heldOut.length} places that training never saw: PSNR ${mean.psnr.toFixed(2)} dB, SSIM ${mean.ssim.toFixed(3)}.`,
      );
    printLine();
    printLine(`  ${path('png')}   look at this first: truth above, our view below, then views from new places`);
    printLine(`  ${path('ply')}   the scene, for any viewer of Gaussian splats`);
    printLine(`  ${path('json')}  scores, timings, versions`);
    printLine();
    printLine('Now your own photos: vantage reconstruct <capture> -o scene.ply');
  } finally {
    progress.finish();
    interrupt.release();
  }
}

export function addSampleCommand(program: Command): void {
  program
    .command('sample')
    .description('reconstruct the bundled sample capture, to see what to expect')
    .option('-o, --output <DIR>', 'folder for the results', 'out')
    .addOption(
      new Option('--preset <NAME>', 'how much work to put in')
        .choices(['draft', 'standard', 'high'])
        .default('standard'),
    )
    .option('--iterations <N>', "optimisation steps (default: the preset's)", parseIterations)
    .addOption(new Option('--backend <NAME>', 'what computes').choices(BACKEND_CHOICES).default('auto'))
    .option('--threads <N>', 'threads to use (default: all cores)', parseThreads)
    .option('--seed <S>', 'same seed and threads, same result', parseSeed, 1)
    .option('--depth-model <NAME|PATH|none>', 'depth network, see reconstruct', AUTOMATIC_DEPTH_MODEL)
    .option('--json', 'print one JSON event a line')
    .addHelpText('after', EXAMPLES)
    .action(sample);
}
