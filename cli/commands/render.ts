import { join } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { parseThreads, parseWidth } from '../arguments.js';
import type { BackendChoice } from '../../host/run/compose.js';
import { BACKEND_CHOICES } from '../../host/run/compose.js';
import { printJsonLine, printLine, printNote } from '../terminal.js';

interface RenderCommandOptions {
  readonly capture: string;
  readonly views?: string;
  readonly width?: number;
  readonly images?: string;
  readonly output: string;
  readonly depth?: boolean;
  readonly backend: BackendChoice;
  readonly threads?: number;
  readonly json?: boolean;
}

const EXAMPLES = `
Writes one <name>.png a view. With --depth also <name>-depth.png (16 bits, 0 = nothing there; depth.json says how many
levels make one world unit) and <name>-depth-color.png for the eye.

Examples:
  vantage render out/scene.ply --capture my-capture -o out/views
  vantage render out/scene.ply --capture my-capture/transforms.json --views 0,5 --width 800 --depth -o out/views`;

async function render(splatFile: string, options: RenderCommandOptions): Promise<void> {
  const [{ openCapture }, { openEngine }, { openSplatFile }, { renderOptionsOf }, { chooseViews }, pictures, output] =
    await Promise.all([
      import('../../host/run/capture-input.js'),
      import('../../host/run/compose.js'),
      import('../../host/run/input-file.js'),
      import('../../host/run/score-views.js'),
      import('../../host/run/view-choice.js'),
      import('../write-pictures.js'),
      import('../output.js'),
    ]);
  const { splats } = await openSplatFile(splatFile);
  const capture = await openCapture(options.capture, options.images, options.width);
  const chosen = chooseViews(capture.views, options.views);
  await output.prepareOutputFolder(options.output);
  const names = pictures.pictureNames(chosen.map((view) => view.name));
  const engine = await openEngine(options.backend, options.threads);
  try {
    const scene = await engine.splatting.createScene(splats, null);
    const depthScales: Record<string, number> = {};
    const files: string[] = [];
    for (const [index, view] of chosen.entries()) {
      const camera = await capture.cameraOf(view, options.width);
      const rendered = await engine.splatting.render(scene, camera, renderOptionsOf(splats));
      const name = names[index] as string;
      files.push(await pictures.writeColor(join(options.output, name), rendered));
      if (options.depth === true) {
        const depth = await pictures.writeDepth(join(options.output, name), rendered);
        files.push(...depth.files);
        depthScales[`${name}-depth.png`] = depth.levelsPerUnit;
      }
      if (options.json === true)
        printJsonLine({ type: 'view', name: view.name, file: join(options.output, `${name}.png`) });
      else if (process.stderr.isTTY) printNote(`${index + 1}/${chosen.length} ${name}.png`);
    }
    if (options.depth === true) files.push(await pictures.writeDepthScales(options.output, depthScales));
    if (options.json === true) printJsonLine({ type: 'result', splatCount: splats.count, files });
    else {
      capture.warnings.forEach((warning) => printNote(`warning: ${warning}`));
      printLine(`${chosen.length} ${chosen.length === 1 ? 'view' : 'views'} drawn into ${options.output}`);
    }
  } finally {
    await engine.dispose();
  }
}

export function addRenderCommand(program: Command): void {
  program
    .command('render')
    .description("draw a splat scene from a capture's cameras")
    .argument('<splats>', 'a file with Gaussian splats: .ply, .spz, .sog, .splat, .ksplat or .glb')
    .requiredOption('--capture <capture>', 'folder or pose file with the cameras')
    .requiredOption('-o, --output <DIR>', 'folder for the pictures')
    .option('--views <LIST>', 'which views: 0-based indices in sorted order, or file names (default: all)')
    .option('--width <PX>', "width of the pictures (default: the photos')", parseWidth)
    .option('--depth', 'write depth too')
    .option('--images <DIR>', 'folder with the photos, when they are not in the capture')
    .addOption(new Option('--backend <NAME>', 'what draws').choices(BACKEND_CHOICES).default('auto'))
    .option('--threads <N>', 'threads to use (default: all cores)', parseThreads)
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', EXAMPLES)
    .action(render);
}
