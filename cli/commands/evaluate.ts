import type { Command } from 'commander';
import { Option } from 'commander';
import { parseThreads, parseWidth } from '../arguments.js';
import type { BackendChoice } from '../../host/run/compose.js';
import { BACKEND_CHOICES } from '../../host/run/compose.js';
import { printJsonLine, printLine, printNote } from '../terminal.js';

interface EvaluateOptions {
  readonly capture: string;
  readonly views?: string;
  readonly width?: number;
  readonly images?: string;
  readonly backend: BackendChoice;
  readonly threads?: number;
  readonly json?: boolean;
}

const EXAMPLES = `
PSNR and SSIM (11×11 Gaussian window, RGB, data range 1) of each view against its photo, and their mean.
Pixels that the undistorted photo does not cover, or that a mask leaves out, are not compared.

Examples:
  vantage evaluate out/scene.ply --capture my-capture --views 0,8,16
  vantage evaluate out/scene.ply --capture my-capture --views 0012.jpg,0014.jpg --width 504 --json`;

async function evaluate(splatFile: string, options: EvaluateOptions): Promise<void> {
  const [{ openCapture }, { openEngine }, { openSplatFile }, { describeScores, scoreViews }, { chooseViews }] =
    await Promise.all([
      import('../../host/run/capture-input.js'),
      import('../../host/run/compose.js'),
      import('../../host/run/input-file.js'),
      import('../../host/run/score-views.js'),
      import('../../host/run/view-choice.js'),
    ]);
  const { splats } = await openSplatFile(splatFile);
  const capture = await openCapture(options.capture, options.images, options.width);
  const chosen = chooseViews(capture.views, options.views);
  const engine = await openEngine(options.backend, options.threads);
  try {
    const { views, warnings } = await capture.load(chosen, options.width === undefined ? {} : { width: options.width });
    const scores = await scoreViews(engine.splatting, splats, views);
    if (options.json === true) {
      scores.views.forEach((score) => printJsonLine({ type: 'view', ...score }));
      printJsonLine({ type: 'result', splatCount: splats.count, ...scores });
    } else {
      [...capture.warnings, ...warnings].forEach((warning) => printNote(`warning: ${warning}`));
      describeScores(scores).forEach((line) => printLine(line));
    }
  } finally {
    await engine.dispose();
  }
}

export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description('measure a splat scene against photos')
    .argument('<splats>', 'a file with Gaussian splats: .ply, .spz, .sog, .splat, .ksplat or .glb')
    .requiredOption('--capture <capture>', 'folder or pose file with the photos and their cameras')
    .option('--views <LIST>', 'which views: 0-based indices in sorted order, or file names (default: all)')
    .option('--width <PX>', 'scale photos and intrinsics to this width', parseWidth)
    .option('--images <DIR>', 'folder with the photos, when they are not in the capture')
    .addOption(new Option('--backend <NAME>', 'what draws').choices(BACKEND_CHOICES).default('auto'))
    .option('--threads <N>', 'threads to use (default: all cores)', parseThreads)
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', EXAMPLES)
    .action(evaluate);
}
